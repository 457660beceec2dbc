/**
 * <ol data-behaviour="reorder">: its [data-item] children move by their [data-move=earlier|later] buttons.
 *
 * Each item's [data-place] field (and [data-place-text]) says its place from 1 up; the server reads the fields.
 * data-moved holds the sentence for the live region, with {n}.
 */
export default function reorder(list) {
  const live = list.parentElement.querySelector("[data-reorder-live]");

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    const item = button?.closest("[data-item]");
    if (!item) return;
    if (button.dataset.move === "earlier") item.previousElementSibling?.before(item);
    else item.nextElementSibling?.after(item);
    number(list);
    (button.disabled ? item.querySelector("[data-move]:not(:disabled)") : button)?.focus();
    if (live) live.textContent = list.dataset.moved.replace("{n}", [...list.children].indexOf(item) + 1);
  });
  list.addEventListener("change", (event) => {
    const gone = event.target.closest("[data-remove]");
    if (gone) gone.closest("[data-item]").toggleAttribute("data-removed", gone.checked);
  });
  new MutationObserver(() => number(list)).observe(list, { childList: true }); // files that were just uploaded
  number(list);
}

function number(list) {
  const items = [...list.querySelectorAll("[data-item]")];
  items.forEach((item, index) => {
    item.querySelector("[data-place]").value = index + 1;
    item.querySelector("[data-place-text]").textContent = index + 1;
    for (const button of item.querySelectorAll("[data-move]")) {
      button.hidden = items.length < 2;
      button.disabled = index === (button.dataset.move === "earlier" ? 0 : items.length - 1);
    }
    item.querySelector("[data-place-row]")?.setAttribute("hidden", "");
  });
}
