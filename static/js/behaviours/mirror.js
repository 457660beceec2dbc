/**
 * <p data-behaviour="mirror" data-from="id_caption">: its [data-mirror] shows what is typed there at once.
 *
 * The words are cut after two lines, as Instagram does; data-more is the word that a click on them takes away.
 */
export default function mirror(line) {
  const field = document.getElementById(line.dataset.from);
  const words = line.querySelector("[data-mirror]");
  if (!field) return;
  const draw = () => {
    if (!line.isConnected) return field.removeEventListener("input", draw);
    words.textContent = field.value;
    line.toggleAttribute("data-cut", line.scrollHeight > line.clientHeight + 1);
  };
  field.addEventListener("input", draw);
  line.addEventListener("click", () => {
    line.classList.remove("phone__caption--short");
    line.removeAttribute("data-cut");
  });
  draw();
}
