import drag from "./drag.js";
import { cellsOf, mark, sentence, spotIn, timeOf, titleOf } from "./calendar_cells.js";

/**
 * Drag cards on a month or a week with mouse, pen or finger. move(card, spot) sends it; say(words) speaks; source has the
 * cards and what is said of them, when that is not the calendar itself.
 *
 * In a week the card's upper edge says the time, by quarters of an hour, with Alt by five minutes; carried sideways it
 * keeps its minute. Over [data-turn] for 600 ms the page turns, over the early hours they unfold, and the card stays at
 * the pointer. Narrower than 720 px nothing is dragged: the days are too small to aim at, and the menu does it. A card
 * that a finger held and let go in place asks for its menu by `card:menu`.
 */
const TURN_MS = 600;
const STAYED = 10; // px that a finger rolls without going anywhere
const NARROW = matchMedia("(max-width: 719px)");
const TOUCH = matchMedia("(any-pointer: coarse)");
const EDGE = 48; // px from the edge of a week where it scrolls along
const SPEED = 12; // px a frame
const STILL = 8; // px up or down that mean no other time

export default function calendarDrag(root, { move, say, source = root }) {
  let cells = []; // with their rectangles in the page, read once
  let target = null;
  let from = null; // where the pointer took hold
  let strayed = false; // whether it went anywhere since
  let grip = null; // how far the card's upper edge is from the pointer, and where it was in the page
  let isFine = false;
  let turning = { arrow: null, timer: 0 };

  function aim(spot, card) {
    if (spot?.cell === target?.cell && spot?.at === target?.at) return;
    target = spot;
    mark(root, spot);
    const shown = document.querySelector(".card__ghost time");
    if (shown) shown.textContent = spot?.time ?? timeOf(card);
  }

  function turnOver(x, y) {
    const arrow = document.elementFromPoint(x, y)?.closest("[data-turn], .week__early summary") ?? null;
    if (arrow === turning.arrow) return;
    clearTimeout(turning.timer);
    turning = { arrow, timer: arrow && setTimeout(() => arrow.click(), TURN_MS) };
  }

  function finish(card) {
    aim(null, card);
    clearTimeout(turning.timer);
    turning = { arrow: null, timer: 0 };
    card.removeAttribute("data-carried");
    root.removeAttribute("data-carries");
  }

  const week = () => root.querySelector(".week");
  const offset = () => ({ x: scrollX + (week()?.scrollLeft ?? 0), y: scrollY + (week()?.scrollTop ?? 0) });
  const measure = () => { cells = cellsOf(root).map((cell) => [cell, rectangle(cell, offset())]); };
  for (const drawn of ["htmx:afterSettle", "toggle"]) {
    root.addEventListener(drawn, () => root.hasAttribute("data-carries") && measure(), { capture: true });
  }
  document.addEventListener("pointermove", (event) => { isFine = event.altKey; }, { passive: true });

  /** Return the spot under the pointer, null without one. */
  function spotUnder(x, y, card) {
    const scroller = week();
    const { x: left, y: top } = offset();
    if (!scroller) {
      const [cell] = cells.find(([, box]) => holds(box, x + left, y + top)) ?? [];
      return cell ? spotIn(root, cell, card) : null;
    }
    if (!holds(rectangle(scroller), x, y)) return null;
    const isStill = card.dataset.at && Math.abs(y + top + grip.above - grip.home) < STILL;
    const edge = isStill ? grip.home : y + top + grip.above;
    const step = isStill ? 1 : isFine ? 5 : 15;
    const found = cells.findIndex(([, box]) => holds(box, x + left, edge));
    if (found < 0) return null;
    const [cell, box] = cells[found];
    const part = (edge - box.top - cell.clientTop) / (box.bottom - box.top);
    const minute = Math.max(Math.round((part * 60) / step) * step, 0);
    const [next] = cells[found + 1] ?? [];
    if (minute < 60) return spotIn(root, cell, card, minute);
    return next?.dataset.day === cell.dataset.day ? spotIn(root, next, card) : spotIn(root, cell, card, 60 - step);
  }

  function scrollAlong(x, y) {
    const box = week()?.getBoundingClientRect();
    if (!box || !holds(box, x, y)) return;
    week().scrollTop += SPEED * ((y > box.bottom - EDGE) - (y < box.top + EDGE));
  }

  drag(source, {
    pick: (from) => (NARROW.matches || from.closest("button") ? null : from.closest(".card[data-movable]")),
    lift(card, { x, y }) {
      const { top } = card.getBoundingClientRect();
      grip = { above: top - y, home: top + offset().y };
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
      scrollAlong(x, y);
      const spot = spotUnder(x, y, card);
      aim(spot?.at === card.dataset.at ? null : spot, card);
    },
    drop(card) {
      const spot = target;
      finish(card);
      if (!spot && !strayed && TOUCH.matches && card.dataset.version) card.dispatchEvent(new CustomEvent("card:menu", { bubbles: true, detail: from }));
      if (!spot) return;
      if (spot.isPast) say(sentence(source, "blocked", spot));
      else move(card, spot);
    },
    cancel(card) {
      if (!card.hasAttribute("data-carried")) return; // it was never lifted
      finish(card);
      say(sentence(source, "cancelled", { title: titleOf(card), old: timeOf(card) }));
    },
  });
}

function ghostOf(card, x, y) {
  const box = card.getBoundingClientRect();
  const ghost = document.createElement("div");
  const copy = card.cloneNode(true);
  for (const name of ["id", "data-carried", "data-at", "data-lane"]) copy.removeAttribute(name);
  copy.inert = true;
  copy.style.inlineSize = `${box.width}px`;
  copy.style.blockSize = `${box.height}px`;
  copy.style.translate = `${box.left - x}px ${box.top - y}px`;
  ghost.className = `card__ghost ${card.parentElement.className}`;
  const view = card.closest("[data-view]");
  if (view) ghost.dataset.view = view.dataset.view; // an empty one would be dressed as an hour's card
  ghost.append(copy);
  return ghost;
}

function rectangle(element, away = { x: 0, y: 0 }) {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return { left: left + away.x, right: right + away.x, top: top + away.y, bottom: bottom + away.y };
}

function holds({ left, right, top, bottom }, x, y) {
  return x >= left && x < right && y >= top && y < bottom;
}
