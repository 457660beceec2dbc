import { cellsOf, nowOn } from "./calendar_cells.js";

/**
 * What a week does by itself: it opens where its [data-opens] line is, keeps its place when it is drawn anew, moves
 * its line of now on, and begins a post where an empty hour is clicked, by create(cell, minute).
 */
const MINUTE_MS = 60_000;
const LABEL = 10; // px that the words of a line stand above it
const HARDLY = 48; // px that are not worth scrolling

export default function calendarWeek(root, { create }) {
  const week = () => root.querySelector(".week");
  let seen = Date.now(); // when the line of now was moved last

  function open() {
    const line = week()?.querySelector("[data-opens]");
    if (!line) return;
    const { left, width } = week().querySelector("[aria-current]")?.getBoundingClientRect() ?? {};
    const top = line.offsetTop - week().querySelector(".week__head").offsetHeight - LABEL;
    week().scrollTop = top < HARDLY ? 0 : top;
    if (left) week().scrollLeft += left - week().getBoundingClientRect().left - Math.max(width, line.offsetWidth);
  }

  root.addEventListener("htmx:beforeSwap", ({ target }) => {
    if (target !== root) return;
    const top = week()?.scrollTop;
    root.addEventListener("htmx:afterSettle", () => (top === undefined ? open() : week()?.scrollTo({ top })), { once: true });
  });

  root.addEventListener("click", ({ target, offsetY }) => {
    if (target.matches(".hour[data-day]")) create(target, Math.floor((offsetY / target.offsetHeight) * 4) * 15);
  });

  setInterval(() => {
    const passed = Math.floor((Date.now() - seen) / MINUTE_MS);
    seen += passed * MINUTE_MS;
    const line = root.querySelector(".hour__now");
    if (!passed || !line) return;
    const minute = Number(nowOn(root).slice(14)) + passed;
    const cell = line.parentElement;
    const hours = cellsOf(cell.parentElement);
    const there = hours[hours.indexOf(cell) + Math.floor(minute / 60)];
    if (!there) return line.remove();
    if (there !== cell) {
      cell.toggleAttribute("data-past", true);
      there.append(line);
    }
    line.dataset.at = `${there.dataset.day}T${there.dataset.hour.slice(0, 2)}:${String(minute % 60).padStart(2, "0")}`;
  }, MINUTE_MS / 4);
  open();
}
