import { nextOrder, place } from "../tiles.js";

/**
 * <button data-behaviour="library" data-dialog="library-dialog">: opens the library; a click on a file there
 * ([data-asset]) puts it into the row at once (data-tile), or makes it the cover (data-cover), of which there is one.
 * data-kind: the only kind of files to choose from. The dialog is shared: its search field asks for the list of the
 * button that opened it (`pauta:open`).
 */
export default function library(button) {
  const dialog = document.getElementById(button.dataset.dialog);
  const { cover, kind = "", tile } = button.dataset;
  let isOpen = false; // for this button
  button.hidden = false;
  button.addEventListener("click", () => {
    isOpen = true;
    dialog.querySelector("[name=kind]").value = kind;
    dialog.showModal();
    window.htmx.trigger(dialog.querySelector("[type=search]"), "pauta:open");
  });
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => { isOpen = false; });
  dialog.addEventListener("click", async (event) => {
    if (event.target === dialog) dialog.close();
    const chosen = event.target.closest("[data-asset]");
    if (!isOpen || !chosen || chosen.getAttribute("aria-pressed") === "true") return;
    if (cover) {
      dialog.close();
      window.htmx.ajax("GET", `${cover}?asset=${chosen.dataset.asset}`, { target: "#cover-picture", swap: "outerHTML" });
      return;
    }
    await place(tile, chosen.dataset.asset, nextOrder());
    chosen.setAttribute("aria-pressed", "true");
  });
}
