/**
 * [data-behaviour="toast"]: the one place for short results, and for failures that no page part shows.
 *
 * Shows what the server sends as HX-Trigger {"toast": {"text": …}}; a toast goes after ten seconds, not while the
 * pointer or the focus is on it, and there are never more than three.
 */
const STAY_MS = 10_000;

export default function toast(region) {
  const show = (text) => {
    const node = region.querySelector("template").content.firstElementChild.cloneNode(true);
    node.querySelector(".toast__text").textContent = text;
    region.append(node);
    const shown = region.querySelectorAll(".toast");
    if (shown.length > 3) shown[0].remove();
    watch(node);
  };
  region.querySelectorAll(".toast").forEach(watch);
  document.body.addEventListener("toast", (event) => show(event.detail.text));
  document.body.addEventListener("htmx:sendError", () => show(region.dataset.offline));
  document.body.addEventListener("htmx:responseError", () => show(region.dataset.broken));
}

function watch(node) {
  let timer = 0;
  const start = () => { timer = setTimeout(() => node.remove(), STAY_MS); };
  const stop = () => clearTimeout(timer);
  for (const name of ["pointerenter", "focusin"]) node.addEventListener(name, stop);
  for (const name of ["pointerleave", "focusout"]) node.addEventListener(name, start);
  const close = node.querySelector("[data-close]");
  close.hidden = false;
  close.addEventListener("click", () => node.remove());
  start();
}
