/**
 * <label data-behaviour="uploads" data-uploads="/media/uploads/" data-tile="/posts/tile/">: files that are chosen,
 * dropped or pasted go to the server at once, and become tiles of the form (#tiles).
 *
 * A file goes in pieces (tus 1.0); after a broken line the server says how far it came. A submit waits for them all, and
 * is not sent when one of them turns out to be missing: a post must not go out without a picture that was meant to be in it.
 */
import { nextOrder, place } from "../tiles.js";

const PIECE = 1_000_000;
const AT_ONCE = 3;
const AGAIN_MS = [500, 2000, 5000, 10000];
const GONE = new Set([404, 410]);

export default function uploads(zone) {
  const field = zone.querySelector("input[type=file]");
  const { form } = field;
  const rows = document.getElementById("previews");
  const waiting = [];
  let [running, stuck, wanted] = [0, null, null]; // wanted: the button that was pressed meanwhile

  function take(files) {
    for (const file of files) waiting.push(new Row(file, zone, { rows, form, again: (row) => { waiting.push(row); next(); } }));
    field.value = "";
    next();
  }

  function next() {
    while (running < AT_ONCE && waiting.length) {
      running += 1;
      const row = waiting.shift();
      row.go().finally(() => {
        running -= 1;
        if (row.isStuck) stuck ??= row;
        next();
        if (!running && !waiting.length) form.dispatchEvent(new CustomEvent("pauta:uploaded"));
      });
    }
  }

  field.addEventListener("change", () => take(field.files));
  // Files may be dropped anywhere: beside the form the browser would open them in place of the page.
  document.addEventListener("dragover", (event) => {
    if (!isForUs(event)) return;
    event.preventDefault();
    zone.dataset.over = "";
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) delete zone.dataset.over; // it left the page
  });
  document.addEventListener("drop", (event) => {
    if (!isForUs(event)) return;
    event.preventDefault();
    delete zone.dataset.over;
    take(event.dataTransfer.files);
  });
  form.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) take(event.clipboardData.files);
  });
  form.addEventListener("submit", (event) => {
    const left = running + waiting.length;
    if (!left) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    form.querySelector("[data-save-state]").textContent = zone.dataset.waiting.replace("{n}", left);
    if (!wanted) stuck = null;
    wanted = event;
  }, true);
  form.addEventListener("pauta:uploaded", () => {
    if (!wanted) return;
    const { submitter } = wanted;
    wanted = null;
    if (stuck) {
      hold(stuck);
      return;
    }
    submitter?.removeAttribute("data-confirm"); // it was asked and answered
    form.requestSubmit(submitter);
  });

  function isForUs(event) {
    const other = event.target.closest?.("input[type=file]") ?? field; // another field takes its own
    return zone.isConnected && other === field && event.dataTransfer?.types.includes("Files");
  }

  function hold(row) {
    form.querySelector("[data-save-state]").textContent = "";
    document.body.dispatchEvent(new CustomEvent("toast", { detail: { text: zone.dataset.held } }));
    row.part("drop").focus({ preventScroll: true });
    row.element.scrollIntoView({ block: "center" });
  }
}

/** Nobody is signed in any more, so nothing more is taken. */
class SignedOut extends Error {}

/** The server's disk is full, and its sentence says so. */
class NoRoom extends Error {}

/** One file on its way. */
class Row {
  constructor(file, zone, { rows, form, again }) {
    Object.assign(this, { file, zone, form, order: nextOrder(), tries: 0, address: null, isDropped: false, isStuck: false });
    this.element = document.getElementById("upload-row").content.cloneNode(true).firstElementChild;
    this.element.querySelector("[data-upload-name]").textContent = file.name;
    this.part("drop").addEventListener("click", () => this.drop());
    this.part("again").addEventListener("click", () => {
      this.tries = 0;
      again(this);
    });
    this.show();
    rows.append(this.element);
  }

  part(name) {
    return this.element.querySelector(`[data-upload-${name}]`);
  }

  say(text) {
    this.part("state").textContent = text;
  }

  show() {
    const picture = document.createElement(this.file.type.startsWith("video/") ? "video" : "img");
    picture.src = URL.createObjectURL(this.file);
    // A picture this browser cannot show (HEIC) still goes; its name stands for it.
    picture.addEventListener("error", () => picture.remove());
    this.element.querySelector(".upload__picture").append(picture);
    this.forget = () => URL.revokeObjectURL(picture.src);
  }

  async go() {
    this.part("again").hidden = true;
    this.isStuck = false;
    while (!this.isDropped) {
      try {
        this.say(this.part("state").dataset.going);
        return await this.send();
      } catch (trouble) {
        if (trouble instanceof SignedOut) return this.lose(this.part("state").dataset.away);
        if (trouble instanceof NoRoom) return this.lose(trouble.message);
        if (this.tries >= AGAIN_MS.length) return this.lose(this.part("state").dataset.lost);
        this.say(this.part("state").dataset.broken);
        await new Promise((done) => setTimeout(done, AGAIN_MS[this.tries]));
        this.tries += 1;
      }
    }
    return undefined;
  }

  /** Go on where the server says the file ended. Throws when the line breaks. */
  async send() {
    let at = this.address ? await this.whereItEnded() : await this.begin();
    while (at !== null && !this.isDropped) {
      const piece = this.file.slice(at, at + PIECE);
      if (at + piece.size >= this.file.size) this.say(this.part("state").dataset.checking);
      const answer = await this.ask(this.address, "PATCH", { "Upload-Offset": at, "Content-Type": "application/offset+octet-stream" }, piece);
      if (answer.status === 200) return this.arrive((await answer.json()).asset);
      if (answer.status === 422) return this.refuse((await answer.json()).problem);
      if (answer.status === 423) await new Promise((done) => setTimeout(done, 1000));
      else if (answer.status !== 204 && answer.status !== 409) throw new Error(`status ${answer.status}`);
      at = answer.status === 204 ? Number(answer.headers.get("Upload-Offset")) : await this.whereItEnded();
      this.part("bar").value = at / this.file.size;
      this.tries = 0;
    }
    return undefined;
  }

  /** Return the byte to begin with; null when the server refused the file. */
  async begin() {
    const name = btoa(String.fromCharCode(...new TextEncoder().encode(this.file.name)));
    const answer = await this.ask(this.zone.dataset.uploads, "POST", { "Upload-Length": this.file.size, "Upload-Metadata": `filename ${name}` });
    if (answer.status === 422 || answer.status === 429) {
      this.refuse((await answer.json()).problem);
      return null;
    }
    if (answer.status !== 201) throw new Error(`status ${answer.status}`);
    this.address = answer.headers.get("Location");
    return 0;
  }

  async whereItEnded() {
    const answer = await this.ask(this.address, "HEAD");
    if (GONE.has(answer.status)) return this.begin();
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return Number(answer.headers.get("Upload-Offset"));
  }

  async ask(address, method, headers = {}, body = undefined) {
    const token = this.form.elements.csrfmiddlewaretoken.value;
    const answer = await fetch(address, { method, body, headers: { ...headers, "X-CSRFToken": token, "Tus-Resumable": "1.0.0" }, redirect: "manual" });
    if (answer.type === "opaqueredirect" || answer.status === 403) throw new SignedOut();
    if (answer.status === 507) throw new NoRoom((await answer.json()).problem);
    return answer;
  }

  async arrive(asset) {
    await place(this.zone.dataset.tile, asset, this.order);
    this.end();
  }

  refuse(problem) {
    this.isStuck = true;
    this.element.dataset.refused = "";
    this.part("bar").hidden = true;
    this.say(problem);
  }

  lose(words) {
    this.isStuck = true;
    this.say(words);
    this.part("again").hidden = false;
  }

  drop() {
    this.isDropped = true;
    if (this.address && !("refused" in this.element.dataset)) this.ask(this.address, "DELETE").catch(() => {}); // swept after a day otherwise
    this.end();
  }

  end() {
    this.forget();
    this.element.remove();
  }
}
