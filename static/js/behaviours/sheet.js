/**
 * <dialog data-behaviour="sheet">: opens when the server sends `sheet:open` with what it put inside, closes on
 * [data-close-sheet], on a click beside it, and when what it was for is done (`posts:changed`).
 *
 * The focus goes back to where it was; when that was swapped out, to the element of the same id.
 */
export default function sheet(dialog) {
  let back = "";

  document.body.addEventListener("sheet:open", () => {
    if (dialog.open) return;
    back = document.activeElement?.closest("[id]")?.id ?? "";
    dialog.showModal();
  });
  document.body.addEventListener("posts:changed", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target !== dialog && !event.target.closest("[data-close-sheet]")) return;
    event.preventDefault(); // a link that leads away where there is no sheet
    dialog.close();
  });
  dialog.addEventListener("close", () => {
    dialog.firstElementChild.replaceChildren();
    const there = document.getElementById(back);
    (there?.querySelector("a, button") ?? there)?.focus();
  });
}
