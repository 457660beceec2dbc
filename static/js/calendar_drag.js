import drag from "./drag.js";
import { cellsOf, isPast, putInto, sentence, timeOf, titleOf } from "./calendar_cells.js";

/**
 * Drag cards of a month with mouse, pen or finger. move(card, cell) sends it; say(words) speaks.
 *
 * Over [data-turn] for 600 ms the page turns and the card stays at the pointer. Narrower than 720 px nothing is dragged:
 * the days are too small to aim at, and the menu does it. A card that a finger held and let go in place asks for its menu
 * by `card:menu`.
 */
const TURN_MS = 600;
const STAYED = 10; // px that a finger rolls without going anywhere
const NARROW = matchMedia("(max-width: 719px)");
const TOUCH = matchMedia("(any-pointer: coarse)");

export default function calendarDrag(root, { move, say }) {
  let cells = []; // with their rectangles in the page, read once
  let target = null;
  let from = null; // where the pointer took hold
  let strayed = false; // whether it went anywhere since
  let turning = { arrow: null, timer: 0 };

  function aim(cell, card) {
    if (cell === target) return;
    for (const name of ["data-target", "data-refused", "data-hint"]) target?.removeAttribute(name);
    target = cell;
    if (!cell) return;
    cell.toggleAttribute(isPast(cell) ? "data-refused" : "data-target", true);
    cell.dataset.hint = isPast(cell) ? root.dataset.past : `${cell.dataset.short} · ${timeOf(card)}`;
  }

  function turnOver(x, y) {
    const arrow = document.elementFromPoint(x, y)?.closest("[data-turn]") ?? null;
    if (arrow === turning.arrow) return;
    clearTimeout(turning.timer);
    turning = { arrow, timer: arrow && setTimeout(() => arrow.click(), TURN_MS) };
  }

  function finish(card) {
    aim(null);
    clearTimeout(turning.timer);
    turning = { arrow: null, timer: 0 };
    card.removeAttribute("data-carried");
    root.removeAttribute("data-carries");
  }

  const measure = () => { cells = cellsOf(root).map((cell) => [cell, rectangle(cell)]); };
  root.addEventListener("htmx:afterSettle", () => root.hasAttribute("data-carries") && measure());

  drag(root, {
    pick: (from) => (NARROW.matches || from.closest("button") ? null : from.closest(".card[data-movable]")),
    lift(card, { x, y }) {
      from = { x, y };
      strayed = false;
      measure();
      card.toggleAttribute("data-carried", true);
      root.toggleAttribute("data-carries", true);
      return ghostOf(card, x, y);
    },
    over(x, y, card) {
      strayed ||= Math.hypot(x - from.x, y - from.y) > STAYED;
      turnOver(x, y);
      const [cell] = cells.find(([, box]) => holds(box, x + scrollX, y + scrollY)) ?? [null];
      aim(cell && cell !== card.closest("[data-day]") ? cell : null, card);
    },
    drop(card) {
      const cell = target;
      finish(card);
      if (!cell && !strayed && TOUCH.matches) card.dispatchEvent(new CustomEvent("card:menu", { bubbles: true, detail: from }));
      if (!cell) return;
      if (isPast(cell)) say(sentence(root, "blocked", { date: cell.dataset.date, time: timeOf(card) }));
      else move(card, cell);
    },
    cancel(card) {
      if (!card.hasAttribute("data-carried")) return; // it was never lifted
      finish(card);
      say(sentence(root, "cancelled", { title: titleOf(card), old: timeOf(card) }));
    },
  });
  return { putInto };
}

function ghostOf(card, x, y) {
  const box = card.getBoundingClientRect();
  const ghost = document.createElement("div");
  const copy = card.cloneNode(true);
  copy.removeAttribute("id");
  copy.removeAttribute("data-carried");
  copy.inert = true;
  copy.style.inlineSize = `${box.width}px`;
  copy.style.translate = `${box.left - x}px ${box.top - y}px`;
  ghost.className = "card__ghost";
  ghost.append(copy);
  return ghost;
}

function rectangle(element) {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return { left: left + scrollX, right: right + scrollX, top: top + scrollY, bottom: bottom + scrollY };
}

function holds({ left, right, top, bottom }, x, y) {
  return x >= left && x <= right && y >= top && y <= bottom;
}
