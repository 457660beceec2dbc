/**
 * <form data-behaviour="autosave" data-autosave="/posts/autosave/">: saves itself 2 s after the last change, and when
 * the page is left. [data-save-state] says how that went.
 *
 * The answer names the version that is next, so one save at a time is on its way; a submit waits for it. Until the
 * server has the words, this browser keeps them (localStorage), and offers them when the page is opened again.
 */
import { drop, keep, known, restore, sent } from "../crash_copy.js";

const QUIET_MS = 2000;
const AGAIN_MS = [3000, 10000, 30000];
// The face of the preview and the like are no part of the post.
const NOT_THE_POST = new Set(["face", "safe", "hashtags_into", "uploads", "cover_upload", "act"]);

export default function autosave(form) {
  const state = form.querySelector("[data-save-state]");
  const conflict = form.querySelector("[data-conflict]");
  const placeOf = (post) => `pauta:${form.dataset.person}:${post || "new"}`;
  let [timer, running, dirty, failures, stopped] = [0, null, false, 0, false];
  let place = placeOf(form.dataset.post);

  const say = (text) => { state.textContent = text; };
  const later = (ms) => {
    clearTimeout(timer);
    timer = setTimeout(save, ms);
  };

  function changed(event) {
    if (stopped || NOT_THE_POST.has(event.target.name)) return;
    dirty = true;
    keep(place, form);
    later(QUIET_MS);
  }

  function save({ leaving = false } = {}) {
    clearTimeout(timer);
    if (!dirty || running || stopped) return running;
    dirty = false;
    say(form.dataset.saving);
    running = send(leaving).then(heard, failed).finally(() => {
      running = null;
      if (dirty && !stopped && !failures) later(QUIET_MS);
    });
    return running;
  }

  function send(leaving) {
    const words = new FormData(form);
    for (const name of ["uploads", "cover_upload"]) words.delete(name); // a file is sent once, by the form or by its own upload
    return fetch(form.dataset.autosave, { method: "POST", body: words, redirect: "manual", keepalive: leaving });
  }

  async function heard(answer) {
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) return stop(form.dataset.away);
    if (answer.status === 204) return say("");
    if (answer.status >= 500) throw new Error(`status ${answer.status}`);
    const told = await answer.json();
    if (answer.status === 409) return stop("", told);
    failures = 0;
    if (answer.status === 422) return say(told.problem);
    if (!dirty) drop(place);
    say(told.said);
    take(told);
  }

  function take({ post, version, copy_at: copyAt, edit, autosave: address }) {
    form.elements.version.value = version;
    form.elements.copy_at.value = copyAt;
    if (form.dataset.post) return;
    form.dataset.post = post;
    form.dataset.autosave = address;
    form.action = edit;
    history.replaceState(history.state, "", edit);
    drop(place);
    place = placeOf(post);
    if (dirty) keep(place, form);
  }

  function failed() {
    say(form.dataset.trouble);
    dirty = true;
    later(AGAIN_MS[Math.min(failures, AGAIN_MS.length - 1)]);
    failures += 1;
  }

  /** Nothing is saved by itself any more; the words stay in this browser. told: why, and what a save must name now. */
  function stop(text, told) {
    stopped = true;
    say(text);
    conflict.hidden = !told;
    conflict.querySelector("[data-conflict-words]").textContent = told?.problem ?? "";
    const mine = conflict.querySelector("[data-conflict-mine]");
    mine.hidden = told?.version === undefined;
    mine.onclick = () => {
      form.elements.version.value = told.version;
      form.elements.copy_at.value = told.copy_at;
      conflict.hidden = true;
      [stopped, dirty] = [false, true];
      save();
    };
  }

  for (const name of ["input", "change", "pauta:changed"]) form.addEventListener(name, changed);
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (!running) {
      stopped = true; // the form itself saves now
      sent(place);
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    const { submitter } = event;
    submitter?.removeAttribute("data-confirm"); // it was asked and answered
    running.finally(() => form.requestSubmit(submitter));
  }, true);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save({ leaving: true });
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) stopped = false; });
  offer(form, place, changed);
}

/** Offer words that this browser kept and the server never got. */
function offer(form, place, changed) {
  const box = form.querySelector("[data-crash]");
  const isRefused = form.querySelector(".problems");
  if (isRefused || !known(place, form)) {
    if (!isRefused) drop(place);
    return;
  }
  box.hidden = false;
  box.addEventListener("click", (event) => {
    if (event.target.closest("[data-crash-take]")) {
      restore(place, form);
      changed(event);
    } else if (event.target.closest("[data-crash-drop]")) drop(place);
    else return;
    box.hidden = true;
  });
}
