/** <button data-behaviour="copy" data-copy="#id" data-done="Copied">: copies the text of that element. */
export default function copy(button) {
  const label = button.querySelector("[data-label]") ?? button;
  const before = label.textContent;
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.querySelector(button.dataset.copy)?.textContent.trim() ?? "");
    label.textContent = button.dataset.done;
    setTimeout(() => { label.textContent = before; }, 2000);
  });
}
