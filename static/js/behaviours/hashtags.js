/**
 * <div data-behaviour="hashtags">: buttons [data-words="#a #b"] put their hashtags into the field that the chosen
 * [name=hashtags_into] names by its id, without those that stand there already. data-done, data-none: what is said.
 */
export default function hashtags(box) {
  const said = box.querySelector("[data-said]");
  box.hidden = false;
  box.addEventListener("click", (event) => {
    const button = event.target.closest("[data-words]");
    if (!button) return;
    const field = document.getElementById(box.querySelector("[name=hashtags_into]:checked").value);
    const known = new Set(field.value.toLocaleLowerCase().match(/#[\p{L}\p{N}_]+/gu) ?? []);
    const missing = button.dataset.words.split(" ").filter((word) => !known.has(word.toLocaleLowerCase()));
    if (missing.length && !field.disabled) {
      field.value = [field.value.trimEnd(), missing.join(" ")].filter(Boolean).join("\n\n");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    said.textContent = (missing.length && !field.disabled ? box.dataset.done : box.dataset.none).replace("{n}", missing.length);
  });
}
