/**
 * [data-behaviour="toast"]: the one place for short results, and for failures that no page part shows.
 *
 * Shows what the server sends as HX-Trigger {"toast": {"text": …, "undo": address}}; a toast goes after ten seconds, not
 * while the pointer or the focus is on it or the page is hidden, and there are never more than three. Its Undo button
 * posts to the address; so does Ctrl or Cmd + Z anywhere but in a field of words, for the newest step, also once its toast went.
 */
const STAY_MS = 10_000;

export default function toast(region) {
  let undo = ""; // where the newest step is taken back
  const takeBack = (address) => {
    if (address === undo) undo = "";
    region.querySelector(`[data-undo="${CSS.escape(address)}"]`)?.closest(".toast").remove();
    window.htmx.ajax("POST", address, { source: region, target: region, swap: "none" }).catch(() => {});
  };
  const show = ({ text, undo: address = "" }) => {
    const node = region.querySelector("template").content.firstElementChild.cloneNode(true);
    node.querySelector(".toast__text").textContent = text;
    const button = node.querySelector("[data-undo]");
    if (address) {
      button.dataset.undo = undo = address;
      button.addEventListener("click", () => takeBack(address));
    } else {
      button.remove();
    }
    region.append(node);
    const shown = region.querySelectorAll(".toast");
    if (shown.length > 3) shown[0].remove();
    watch(node);
  };
  region.querySelectorAll(".toast").forEach(watch);
  document.body.addEventListener("toast", (event) => show(event.detail));
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.body.addEventListener(name, () => show({ text: region.dataset.offline }));
  }
  document.body.addEventListener("htmx:responseError", ({ detail: { xhr } }) => {
    show({ text: region.dataset[[403, 404].includes(xhr.status) ? "old" : "broken"] });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey || !undo) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable], dialog")) return;
    event.preventDefault();
    takeBack(undo);
  });
}

function watch(node) {
  let timer = 0;
  const start = () => {
    clearTimeout(timer);
    timer = setTimeout(() => (document.hidden ? start() : node.remove()), STAY_MS);
  };
  const stop = () => clearTimeout(timer);
  for (const name of ["pointerenter", "focusin"]) node.addEventListener(name, stop);
  for (const name of ["pointerleave", "focusout"]) node.addEventListener(name, start);
  const close = node.querySelector("[data-close]");
  close.hidden = false;
  close.addEventListener("click", () => node.remove());
  start();
}
