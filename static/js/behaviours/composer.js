/**
 * <div data-behaviour="composer">: on narrow screens shows one [data-part] at a time, chosen by [data-show] buttons;
 * a link [data-go] of the checklist leads to its field, also into a part or a fold that is closed, and to an option
 * that this type of post does not have ([data-only], shown then by data-asked).
 *
 * Which part is shown stands in data-shown; the style sheet hides the others only where there is no room.
 */
const FOCUSABLE = "[tabindex], input, select, textarea";

export default function composer(box) {
  const tabs = box.querySelector(".composer__tabs");
  const show = (part) => {
    box.dataset.shown = part;
    for (const tab of tabs.children) tab.setAttribute("aria-pressed", tab.dataset.show === part);
  };
  tabs.hidden = false;
  tabs.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-show]");
    if (tab) show(tab.dataset.show);
  });
  box.closest("form").addEventListener("click", (event) => {
    const link = event.target.closest("[data-go]");
    if (!link) return;
    event.preventDefault();
    const place = document.getElementById(link.dataset.go) ?? document.getElementById(`div_${link.dataset.go}`);
    const part = place?.closest("[data-part]");
    if (part) show(part.dataset.part);
    if (place) go(place);
  });
  show("edit");
}

function go(place) {
  for (let fold = place.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  place.closest("[data-only]")?.setAttribute("data-asked", "");
  const fields = [...place.querySelectorAll("input, select, textarea")];
  const chosen = place.matches(FOCUSABLE) ? place : fields.find((field) => field.checkVisibility()) ?? place.querySelector("summary");
  chosen?.focus({ preventScroll: true });
  place.scrollIntoView({ block: "center" });
}
