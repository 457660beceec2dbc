/**
 * <div data-behaviour="counter" data-for="id_caption">: says how much of each limit a text uses.
 *
 * Each child [data-count=characters|hashtags|mentions] carries data-max, data-advised, and its words with {n} and
 * {max}: data-plain, data-near, data-over ({over} is how many too many). The server checks the same rules again.
 */
const counts = {
  // As Instagram counts: UTF-16 units.
  characters: (text) => text.replaceAll("\r\n", "\n").length,
  hashtags: (text) => (text.match(/(?<![\p{L}\p{N}_&])#[\p{L}\p{N}_]*\p{L}[\p{L}\p{N}_]*/gu) ?? []).length,
  mentions: (text) => (text.match(/(?<![\p{L}\p{N}_@])@[A-Za-z0-9_.]*[A-Za-z0-9_]/gu) ?? []).length,
};

export default function counter(element) {
  const field = document.getElementById(element.dataset.for);
  const parts = [...element.querySelectorAll("[data-count]")];
  const draw = () => parts.forEach((part) => drawPart(part, counts[part.dataset.count](field.value)));
  field.addEventListener("input", draw);
  draw();
}

function drawPart(part, n) {
  const max = Number(part.dataset.max);
  const advised = Number(part.dataset.advised ?? max);
  const level = n > max ? "red" : n > advised ? "amber" : "plain";
  const words = { red: part.dataset.over, amber: part.dataset.near, plain: part.dataset.plain }[level] ?? part.dataset.plain;
  part.dataset.level = level;
  part.textContent = words.replace("{n}", n).replace("{max}", max).replace("{over}", n - max);
}
