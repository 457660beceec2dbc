/**
 * <form data-behaviour="selection">: the bar of acts for the rows whose boxes are its own (<input form="…" name="post">).
 *
 * Shift + click ticks all between; [data-pick-all] ticks all there are; Enter on a box leads to the bar; Escape and the
 * bar's [data-clear] untick all, as does another address (a filter, a page) and the server's `selection:done`. Ticks
 * outlive rows, and a bar, that are drawn anew. data-one, data-many: the count; data-most: so many at a time, else data-over.
 */
const PAUSE_MS = 50; // until a dialog is closed

let picked = new Set(); // ids of posts
let last = ""; // the box that Shift + click begins at

export default function selection(bar) {
  const count = bar.querySelector("[id]");
  const live = document.getElementById("live-polite");
  const stop = new AbortController();
  const boxes = () => [...bar.elements].filter(({ type }) => type === "checkbox");
  const all = () => document.querySelector("[data-pick-all]");
  const idOf = (box) => box.value.split(".")[0]; // without the version, which a new row has of its own

  /** Tick what is picked, forget what is gone, and say how many there are. */
  function draw() {
    const there = boxes();
    for (const box of there) box.checked = picked.has(idOf(box));
    const ticked = there.filter(({ checked }) => checked);
    picked = new Set(ticked.map(idOf));
    const n = ticked.length;
    const isOver = n > Number(bar.dataset.most);
    const words = (n === 1 ? bar.dataset.one : bar.dataset.many).replace("{n}", n);
    count.textContent = isOver ? `${words}. ${bar.dataset.over}` : words;
    for (const act of bar.querySelectorAll("[name=act]")) act.disabled = isOver;
    if (all()) Object.assign(all(), { checked: n > 0 && n === there.length, indeterminate: n > 0 && n < there.length });
  }

  function tell() {
    live.textContent = picked.size ? `${count.textContent}. ${bar.dataset.hint}` : bar.dataset.cleared;
  }

  function pick(box, { shiftKey }) {
    const there = boxes();
    const from = there.findIndex((one) => idOf(one) === last);
    const to = there.indexOf(box);
    const range = shiftKey && from >= 0 ? there.slice(Math.min(from, to), Math.max(from, to) + 1) : [box];
    for (const one of range) picked[box.checked ? "add" : "delete"](idOf(one));
    last = idOf(box);
    draw();
    tell();
  }

  function clear() {
    if (!picked.size) return;
    const wasInside = bar.contains(document.activeElement);
    picked.clear();
    draw();
    tell();
    if (wasInside) (boxes().find((box) => idOf(box) === last) ?? all())?.focus();
  }

  /** What was done took the focus along, with the bar or the dialog that it was asked in. */
  function done() {
    clear();
    document.activeElement.blur();
    setTimeout(() => { if (document.activeElement === document.body) (all() ?? document.getElementById("main")).focus(); }, PAUSE_MS);
  }

  function press(event) {
    const isElsewhere = event.defaultPrevented || document.querySelector("dialog[open]")
      || event.target.closest("details, [role=menu], [type=search]");
    if (event.key === "Escape" && !isElsewhere) clear();
    if (event.key !== "Enter" || event.target.type !== "checkbox" || event.target.form !== bar) return;
    event.preventDefault(); // which would send the form with its first act
    if (picked.size) bar.querySelector("[name=act]").focus();
  }

  const listen = (name, act) => document.addEventListener(name, (event) => {
    if (bar.isConnected) act(event);
    else stop.abort();
  }, { signal: stop.signal });
  listen("click", (event) => {
    const { target } = event;
    if (target.type !== "checkbox") return;
    if (target.form === bar) pick(target, event);
    if (target !== all()) return;
    picked = new Set(target.checked ? boxes().map(idOf) : []);
    draw();
    tell();
  });
  listen("keydown", press);
  listen("htmx:afterSettle", draw);
  for (const name of ["htmx:pushedIntoHistory", "htmx:replacedInHistory"]) listen(name, clear);
  listen("selection:done", done);
  // A list that was loaded page by page stays as long when an act draws it anew.
  listen("htmx:configRequest", ({ detail }) => {
    if (detail.verb === "post" && boxes().length) detail.parameters.rows = boxes().length;
  });
  bar.querySelector("[data-clear]").addEventListener("click", clear);
  for (const box of boxes()) if (box.checked) picked.add(idOf(box)); // as a browser remembers them
  draw();
}
