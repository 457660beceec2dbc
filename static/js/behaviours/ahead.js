/**
 * <div data-behaviour="ahead">: has the page behind a [data-turn] that somebody is about to press fetched by then.
 *
 * The browser keeps it for as long as the server says. What it keeps from before something changed is not shown: such a
 * page is asked for anew. Nothing is fetched where somebody saves data.
 */
const KEPT_MS = 30_000;

export default function ahead(root) {
  const fetched = new Map(); // when, by address

  const isKept = (address) => Date.now() - (fetched.get(address) ?? 0) < KEPT_MS;

  function fetchAhead({ target }) {
    const { href } = target.closest?.("[data-turn]") ?? {};
    if (!href || isKept(href) || navigator.connection?.saveData) return;
    fetched.set(href, Date.now());
    const headers = { "HX-Request": "true", "HX-Preloaded": "true" };
    fetch(href, { cache: "reload", headers }).catch(() => fetched.delete(href));
  }

  for (const name of ["pointerover", "focusin"]) root.addEventListener(name, fetchAhead);
  for (const name of ["posts:changed", "htmx:oobAfterSwap"]) document.body.addEventListener(name, () => fetched.clear());
  root.addEventListener("htmx:configRequest", ({ detail }) => {
    if (!isKept(new URL(detail.path, location).href)) detail.headers["Cache-Control"] = "no-cache";
  });
}
