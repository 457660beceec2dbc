import { nextOrder, place } from "../tiles.js";

/**
 * <button data-behaviour="library" data-dialog="library-dialog">: opens the library; a click on a file there
 * ([data-asset]) puts it into the row at once. The search field in the dialog asks for its list (`pauta:open`).
 */
export default function library(button) {
  const dialog = document.getElementById(button.dataset.dialog);
  button.hidden = false;
  button.addEventListener("click", () => {
    dialog.showModal();
    window.htmx.trigger(dialog.querySelector("[type=search]"), "pauta:open");
  });
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", async (event) => {
    if (event.target === dialog) dialog.close();
    const chosen = event.target.closest("[data-asset]");
    if (!chosen || chosen.getAttribute("aria-pressed") === "true") return;
    await place(button.dataset.tile, chosen.dataset.asset, nextOrder());
    chosen.setAttribute("aria-pressed", "true");
  });
}
