import { cardsOf, cellOn, cellsOf, dayOf, mark, sentence, spotIn, timeOf, titleOf } from "./calendar_cells.js";
import showKeyHelp from "./key_help.js";

/**
 * The keyboard on a month or a week: arrows walk the days and hours, Enter goes into their posts, Space picks one up,
 * arrows carry it, Enter or Space drop it, Escape puts it back.
 *
 * move(card, spot) sends a drop; say(words) speaks; turn(pages) shows another page and resolves when it is there;
 * create(cell) begins a new post. rail: where cards without a day wait; they are carried from the cell walked to last.
 */
const SIDEWAYS = { ArrowLeft: -1, ArrowRight: 1 };
const UP_DOWN = { ArrowUp: -1, ArrowDown: 1 };
const PAGES = { PageUp: -1, PageDown: 1 };
const PAGE_DAYS = { week: 7, day: 1 };
const QUARTER = 15;

export default function calendarKeys(root, { move, say, turn, create, rail }) {
  let held = null; // what is carried: { card, source, id, title, old, from, spot, minute }

  const view = () => root.querySelector("[data-view]")?.dataset.view;
  const remembered = () => { const [day, hour] = (root.dataset.focus ?? "").split(" "); return day && cellOn(root, day, hour); };
  const current = () => remembered() || root.querySelector("[data-day][aria-current], .hour:has(.hour__now)")
    || cellsOf(root).find((cell) => cell.checkVisibility());

  /** One cell is in the tab order; posts are reached from their day or hour. */
  function rove(cell, { focus = false } = {}) {
    for (const other of cellsOf(root)) other.tabIndex = other === cell ? 0 : -1;
    for (const link of root.querySelectorAll("[data-day] a")) link.tabIndex = -1;
    root.dataset.focus = cell ? keyOf(cell) : "";
    if (focus) cell?.focus();
  }

  async function goTo(day, hour) {
    if (!cellOn(root, day)) await turn(day < cellsOf(root)[0].dataset.day ? -1 : 1);
    return cellOn(root, day, hour);
  }

  /** Walk, or carry, to where a key leads; in a week up and down change the time. */
  async function step({ key, shiftKey }) {
    const from = held?.spot.cell ?? current();
    let minute = held?.minute ?? 0;
    let cell = from;
    if (view() && UP_DOWN[key]) {
      [cell, minute] = along(root, from, minute, UP_DOWN[key] * (held && !shiftKey ? QUARTER : 60));
    } else {
      const days = SIDEWAYS[key] ?? (PAGES[key] ? PAGES[key] * (PAGE_DAYS[view()] ?? 28) : UP_DOWN[key] * 7);
      cell = await goTo(later(from.dataset.day, days), from.dataset.hour);
    }
    if (!cell) return;
    if (!cell.checkVisibility()) root.querySelector("#cal-early").open = true;
    // A page that turned took the carried card along, and with it the focus.
    rove(cell, { focus: !held || document.activeElement === document.body });
    if (held) carryTo(cell, minute);
  }

  function carryTo(cell, minute) {
    const spot = spotIn(root, cell, held.card, minute);
    Object.assign(held, { spot, minute });
    mark(root, spot);
    (root.querySelector(".hour__aim") ?? cell).scrollIntoView({ block: "nearest", inline: "nearest" });
    say(sentence(held.source, spot.isPast ? "blocked" : "moving", { ...spot, n: spot.count }));
  }

  function pickUp(card) {
    if (!card.hasAttribute("data-movable")) return say(root.dataset[`locked${card.dataset.status}`] ?? root.dataset.locked);
    const source = card.closest("[data-picked]");
    const cell = card.closest("[data-day]") ?? current();
    if (!cell) return;
    const minute = Number(card.dataset.at.slice(14));
    const { date } = dayOf(cell);
    const time = timeOf(card);
    held = { card, source, minute, id: card.id, title: titleOf(card), old: `${date}, ${time}`, from: card.dataset.at };
    held.spot = spotIn(root, cell, card, minute);
    if (source !== root) mark(root, held.spot);
    card.toggleAttribute("data-carried", true);
    root.toggleAttribute("data-carries", true);
    say(sentence(source, "picked", { ...held.spot, title: held.title, date, time }));
    showKeyHelp(root);
  }

  function letGo() {
    const { card, id } = held;
    document.getElementById(id)?.removeAttribute("data-carried");
    root.removeAttribute("data-carries");
    mark(root, null);
    held = null;
    return document.getElementById(id) ?? card;
  }

  function cancel() {
    const { title, old, from, source } = held;
    const card = letGo();
    say(sentence(source, "cancelled", { title, old }));
    rove(card.closest("[data-day]") ?? cellOn(root, from.slice(0, 10), from.slice(11, 13)) ?? current());
    card.querySelector("a")?.focus();
  }

  async function drop() {
    const { spot, minute, from } = held;
    if (spot.at === from) return cancel();
    if (spot.isPast) return carryTo(spot.cell, minute);
    const card = letGo();
    await move(card, spot);
    const there = document.getElementById(card.id);
    const cell = there?.closest("[data-day]") ?? cellOn(root, spot.at.slice(0, 10), spot.cell.dataset.hour);
    rove(cell);
    (there?.checkVisibility() ? there.querySelector("a") : cell).focus();
  }

  function pressHolding(event) {
    const { key } = event;
    if (key in SIDEWAYS || key in UP_DOWN || key in PAGES) step(event);
    else if (key === "Enter" || key === " ") drop();
    else if (key === "Escape" || key === "Tab") cancel();
    else return key.length > 1;
    return key !== "Tab";
  }

  function pressOnCard({ key }, card) {
    const cards = cardsOf(card);
    if (key === " ") pickUp(card);
    else if (key === "Escape") rove(card.closest("[data-day]") ?? current(), { focus: true });
    else if (UP_DOWN[key]) (cards[cards.indexOf(card) + UP_DOWN[key]] ?? card).querySelector("a").focus();
    else return false;
    return true;
  }

  function pressOnCell(event, cell) {
    const { key } = event;
    if (key in SIDEWAYS || key in UP_DOWN || key in PAGES) step(event);
    else if (key === "Home") rove(rowOf(root, cell)[0], { focus: true });
    else if (key === "End") rove(rowOf(root, cell).at(-1), { focus: true });
    else if (key === "Enter" || key === "F2") (cardIn(cell) ?? cell).querySelector("a")?.focus();
    else if (key === "n") create(cell);
    else return false;
    return true;
  }

  function press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("button")) return;
    const cell = event.target.closest("[data-day]");
    const card = event.target.closest(".card");
    let done = false;
    if (held) done = pressHolding(event);
    else if (card) done = pressOnCard(event, card);
    else if (cell && cell === event.target) done = pressOnCell(event, cell);
    if (done) event.preventDefault();
  }

  for (const area of [root, rail]) area?.addEventListener("keydown", press);
  root.addEventListener("focusin", (event) => {
    const cell = event.target.closest("[data-day]");
    if (cell && !held) rove(cell);
  });
  rove(current());
  return { settle: () => rove(current()) };
}

/** Return the first post of a day or hour that is seen. */
function cardIn(cell) {
  return cardsOf(cell).find((card) => cell.contains(card));
}

function keyOf({ dataset: { day, hour = "" } }) {
  return `${day} ${hour}`.trim();
}

/** Return the cells that stand beside one: the same hour of each day, or the week in a month. */
function rowOf(root, cell) {
  if (cell.dataset.hour) return cellsOf(root).filter((other) => other.dataset.hour === cell.dataset.hour);
  const cells = cellsOf(root);
  return cells.slice(Math.floor(cells.indexOf(cell) / 7) * 7).slice(0, 7);
}

/** Return the hour of the same day, and its minute, that lies so many minutes on, by whole quarters. */
function along(root, cell, minute, minutes) {
  const hours = cellsOf(cell.parentElement);
  const round = minutes > 0 ? Math.floor : Math.ceil;
  const wanted = round((hours.indexOf(cell) * 60 + minute + minutes) / QUARTER) * QUARTER;
  const at = Math.min(Math.max(wanted, 0), hours.length * 60 - QUARTER);
  return [hours[Math.floor(at / 60)], at % 60];
}

function later(day, days) {
  const [year, month, date] = day.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1, date + days)).toISOString().slice(0, 10);
}
