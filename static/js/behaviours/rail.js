/**
 * <details data-behaviour="rail">: what waits beside the calendar for a day; filled when it is open for the first time.
 *
 * Its [data-part], an address, is asked for then, and each time posts changed. Beside the calendar it is open until somebody
 * closes it, which a cookie tells the server; above it, where the window is narrow, it begins closed.
 */
const BESIDE = matchMedia("(min-width: 1400px)");

export default function rail(details) {
  const part = details.querySelector("[data-part]");
  const load = () => {
    if (details.open) window.htmx.ajax("GET", part.dataset.part, { source: part, target: part, swap: "innerHTML" }).catch(() => {});
  };

  details.open &&= BESIDE.matches;
  details.dataset.ready = "";
  details.addEventListener("toggle", () => {
    if (BESIDE.matches) document.cookie = `rail=${details.open ? "open" : "closed"}; path=/calendar/; max-age=31536000; samesite=lax`;
    load();
  });
  document.body.addEventListener("posts:changed", load);
  load();
}
