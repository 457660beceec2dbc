/**
 * Shows how a picked-up post is carried by keys: once on each page, until somebody wants it no more.
 *
 * root: from which the server is asked; the answer opens the sheet.
 */
const KNOWN = "keys-known";
let shown = false;

export default function showKeyHelp(root) {
  if (shown || localStorage.getItem(KNOWN)) return;
  shown = true;
  document.body.addEventListener("change", ({ target }) => {
    if (target.matches("[data-keys-known]")) localStorage.setItem(KNOWN, target.checked ? "yes" : "");
  });
  window.htmx.ajax("GET", "/keys/?first", { source: root, target: root, swap: "none" });
}
