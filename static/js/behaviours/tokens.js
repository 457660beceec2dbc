/**
 * <div data-behaviour="tokens" data-max="3">: a text field of usernames, each shown as a token one can take away.
 *
 * The field itself stays what is sent, "ana, bia"; it only leaves sight. Comma, space, Enter and leaving the field
 * make a token of what was typed, Backspace in an empty field takes the last one back.
 */
const NAME = /^[A-Za-z0-9._]{1,30}$/;

export default function tokens(box) {
  const field = box.querySelector("input");
  const most = Number(box.dataset.max);
  const entry = field.cloneNode(false);
  const list = document.createElement("ul");
  const said = document.createElement("p");
  let names = read(field.value);
  let left = []; // what cannot be a token: it is sent all the same, so that the server names it

  entry.removeAttribute("name");
  entry.removeAttribute("value");
  entry.value = "";
  list.className = "tokens";
  said.className = "field__problem";
  said.setAttribute("role", "status");
  field.removeAttribute("id"); // the label is the entry's now
  field.hidden = true;
  field.after(list, entry, said);

  function write() {
    field.value = [...names, ...left].join(", ");
    draw();
    field.dispatchEvent(new CustomEvent("pauta:changed", { bubbles: true }));
  }

  function draw() {
    list.replaceChildren(...names.map(token));
    list.hidden = names.length === 0;
  }

  function token(name) {
    const made = document.createElement("li");
    made.className = "token";
    made.append(`@${name}`);
    const drop = document.createElement("button");
    drop.type = "button";
    drop.className = "token__drop";
    drop.textContent = "×";
    drop.setAttribute("aria-label", box.dataset.drop.replace("{name}", `@${name}`));
    drop.addEventListener("click", () => {
      names = names.filter((other) => other !== name);
      write();
      entry.focus();
    });
    made.append(drop);
    return made;
  }

  /** Make tokens of what is typed; what cannot be one stays in the field with the reason. */
  function take() {
    left = [];
    let trouble = "";
    for (const name of read(entry.value)) {
      if (names.includes(name)) continue;
      if (!NAME.test(name)) trouble = box.dataset.wrong.replace("{name}", () => name);
      else if (names.length >= most) trouble = box.dataset.full.replace("{max}", most);
      else {
        names.push(name);
        continue;
      }
      left.push(name);
    }
    entry.value = left.join(" ");
    said.textContent = trouble;
    write();
  }

  entry.addEventListener("keydown", (event) => {
    if (["Enter", ",", " "].includes(event.key)) {
      event.preventDefault();
      if (entry.value.trim()) take();
    } else if (event.key === "Backspace" && !entry.value && names.length) {
      entry.value = names.pop();
      event.preventDefault();
      write();
    }
  });
  entry.addEventListener("input", (event) => {
    event.stopPropagation(); // half a name is nothing to save yet
    said.textContent = "";
    if (left.length) {
      left = [];
      write();
    }
    if (/[,\s]/.test(entry.value)) take(); // pasted, or from a phone's keyboard
  });
  entry.addEventListener("change", (event) => {
    event.stopPropagation();
    if (entry.value.trim()) take();
  });
  // Something else wrote the field: words that the browser kept.
  field.addEventListener("input", () => {
    names = read(field.value);
    draw();
  });
  draw();
}

function read(text) {
  const names = text.split(/[\s,]+/).map((word) => word.replace(/^@/, "")).filter(Boolean);
  return [...new Set(names)];
}
