import { cardsOf, cellOn, cellsOf, isPast, sentence, timeOf, titleOf } from "./calendar_cells.js";
import showKeyHelp from "./key_help.js";

/**
 * The keyboard on a month: arrows walk the days, Enter goes into a day's posts, Space picks one up, arrows carry it,
 * Enter or Space drop it, Escape puts it back.
 *
 * move(card, cell) sends a drop; say(words) speaks; turn(pages) shows another page and resolves when it is there.
 */
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

export default function calendarKeys(root, { move, say, turn }) {
  let held = null; // the card that is carried, and the day it would be dropped on: { id, title, time, old, day }

  const current = () => cellOn(root, root.dataset.focus) ?? root.querySelector("[data-day][aria-current]") ?? cellsOf(root)[0];

  /** One cell is in the tab order; posts are reached from their day. */
  function rove(cell, { focus = false } = {}) {
    for (const other of cellsOf(root)) other.tabIndex = other === cell ? 0 : -1;
    for (const link of root.querySelectorAll("[data-day] a")) link.tabIndex = -1;
    root.dataset.focus = cell?.dataset.day ?? "";
    if (focus) cell?.focus();
  }

  async function goTo(day) {
    if (!cellOn(root, day)) await turn(day < cellsOf(root)[0].dataset.day ? -1 : 1);
    return cellOn(root, day);
  }

  async function step(days) {
    const cell = await goTo(later(held?.day ?? root.dataset.focus, days));
    if (!cell) return;
    // A page that turned took the carried card along, and with it the focus.
    rove(cell, { focus: !held || !root.contains(document.activeElement) });
    if (held) carryTo(cell);
  }

  function carryTo(cell) {
    mark(cell);
    held.day = cell.dataset.day;
    const words = { date: cell.dataset.date, time: held.time, n: cell.dataset.count };
    say(sentence(root, isPast(cell) ? "blocked" : "moving", words));
  }

  function mark(cell) {
    for (const other of root.querySelectorAll("[data-target]")) other.removeAttribute("data-target");
    cell?.toggleAttribute("data-target", true);
  }

  function pickUp(card) {
    if (!card.hasAttribute("data-movable")) return say(root.dataset[`locked${card.dataset.status}`] ?? root.dataset.locked);
    const cell = card.closest("[data-day]");
    held = { id: card.id, title: titleOf(card), time: timeOf(card), from: cell.dataset.day, day: cell.dataset.day };
    held.old = `${cell.dataset.date}, ${held.time}`;
    held.card = card;
    card.toggleAttribute("data-carried", true);
    root.toggleAttribute("data-carries", true);
    say(sentence(root, "picked", { title: held.title, date: cell.dataset.date, time: held.time }));
    showKeyHelp(root);
  }

  function letGo() {
    const { card } = held;
    document.getElementById(held.id)?.removeAttribute("data-carried");
    root.removeAttribute("data-carries");
    mark(null);
    held = null;
    return document.getElementById(card.id) ?? card;
  }

  function cancel() {
    const { title, old: at, from } = held;
    const card = letGo();
    say(sentence(root, "cancelled", { title, old: at }));
    rove(cellOn(root, from) ?? current());
    card.querySelector("a")?.focus();
  }

  async function drop() {
    const { day, from } = held;
    const cell = cellOn(root, day);
    if (day === from) return cancel();
    if (!cell || isPast(cell)) return carryTo(cell);
    const card = letGo();
    await move(card, cell);
    const there = document.getElementById(card.id);
    rove(there?.closest("[data-day]") ?? cell);
    (there?.checkVisibility() ? there.querySelector("a") : cell).focus();
  }

  function pressHolding(event) {
    const { key } = event;
    if (STEPS[key]) step(STEPS[key]);
    else if (key === "PageUp" || key === "PageDown") step(key === "PageUp" ? -28 : 28);
    else if (key === "Enter" || key === " ") drop();
    else if (key === "Escape" || key === "Tab") cancel();
    else return key.length > 1;
    return key !== "Tab";
  }

  function pressOnCard(event, card) {
    const cards = cardsOf(card.closest("[data-day]"));
    const beside = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.key === " ") pickUp(card);
    else if (event.key === "Escape") rove(card.closest("[data-day]"), { focus: true });
    else if (beside) (cards[cards.indexOf(card) + beside] ?? card).querySelector("a").focus();
    else return false;
    return true;
  }

  function pressOnCell(event, cell) {
    const week = cellsOf(root).slice(Math.floor(cellsOf(root).indexOf(cell) / 7) * 7).slice(0, 7);
    if (STEPS[event.key]) step(STEPS[event.key]);
    else if (event.key === "Home") rove(week[0], { focus: true });
    else if (event.key === "End") rove(week.at(-1), { focus: true });
    else if (event.key === "PageUp" || event.key === "PageDown") step(event.key === "PageUp" ? -28 : 28);
    else if (event.key === "Enter" || event.key === "F2") (cardsOf(cell)[0] ?? cell).querySelector("a").focus();
    else if (event.key === "n") cell.querySelector("[data-new]")?.click();
    else return false;
    return true;
  }

  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("button")) return;
    const cell = event.target.closest("[data-day]");
    const card = event.target.closest(".card");
    let done = false;
    if (held) done = pressHolding(event);
    else if (card && cell) done = pressOnCard(event, card);
    else if (cell === event.target) done = pressOnCell(event, cell);
    if (done) event.preventDefault();
  });
  root.addEventListener("focusin", (event) => {
    const cell = event.target.closest("[data-day]");
    if (cell && !held) rove(cell);
  });
  rove(current());
  return { settle: () => rove(current()) };
}

function later(day, days) {
  const [year, month, date] = day.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1, date + days)).toISOString().slice(0, 10);
}
