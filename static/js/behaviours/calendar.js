import calendarDrag from "../calendar_drag.js";
import calendarKeys from "../calendar_keys.js";
import sendMove, { afterMoves } from "../calendar_moves.js";
import calendarWeek from "../calendar_week.js";
import { cellOn, dayOf, nowOn, putInto, sentence, timeOf, titleOf } from "../calendar_cells.js";

/**
 * <div data-behaviour="calendar">: its .card items go from one day or hour to another, by pointer and by keyboard.
 *
 * A card is shown on its new day at once, then the server is asked and answers with both days. data-* hold the
 * sentences, with {title}, {date}, {time}, {n} and {old}; data-create is where a post begins;
 * a [data-zone] in it names the clock that the page shows. What waits in #rail for a day is carried there likewise, with
 * that one's sentences.
 */
const PAUSE_MS = 100; // between two things that are said while something is carried

export default function calendar(root) {
  const live = document.getElementById("live-move");
  const zone = () => root.querySelector("[data-zone]").dataset.zone;
  let timer = 0;

  function say(words) {
    clearTimeout(timer);
    timer = setTimeout(() => { live.textContent = words; }, PAUSE_MS);
  }

  async function move(card, spot) {
    const source = card.closest("[data-dropped]") ?? root; // a page that turned took the card along
    const words = { title: titleOf(card), old: `${dayOf(card).date ?? ""}, ${timeOf(card)}`, new: spot.where };
    const [date] = spot.at.split("T");
    let putBack = () => {};
    const values = { date, tz: zone(), version: card.dataset.version ?? "" };
    if (spot.clock) values.time = spot.clock;
    const moved = await sendMove(root, card, values, {
      show: () => { putBack = putInto(spot, card); },
      putBack: () => putBack(),
    });
    // Refused, and drawn where it really stands: the one that was put back is not there any more.
    if (!moved && root.querySelectorAll(`#${card.id}`).length > 1) card.remove();
    if (!moved) return;
    say(sentence(source, "dropped", words));
    document.getElementById(card.id)?.toggleAttribute("data-just-moved", true);
  }

  /** Begin a post on a day, or in an hour, if that has not passed. */
  function create(cell, minute = 0) {
    const { day, hour } = cell.dataset;
    const link = cell.querySelector("[data-new]");
    if (link) link.click();
    if (!hour || cell.hasAttribute("data-past")) return;
    const soonest = `${day}T${hour.slice(0, 2)}` === nowOn(root).slice(0, 13) ? Number(nowOn(root).slice(14)) + 5 : 0;
    const clock = `${hour.slice(0, 2)}:${String(Math.min(Math.max(minute, Math.ceil(soonest / 5) * 5), 55)).padStart(2, "0")}`;
    location.assign(`${root.dataset.create}?${new URLSearchParams({ day, clock, timezone: zone() })}`);
  }

  /** Show the page before or after; resolves when it is there. */
  function turn(pages) {
    const arrow = root.querySelector(`[data-turn="${pages}"]`);
    return new Promise((resolve) => {
      root.addEventListener("htmx:afterSettle", resolve, { once: true });
      arrow.click();
    });
  }

  const rail = document.getElementById("rail");
  calendarDrag(root, { move, say });
  if (rail) calendarDrag(root, { move, say, source: rail });
  const keys = calendarKeys(root, { move, say, turn, create, rail });
  calendarWeek(root, { create });
  root.addEventListener("htmx:confirm", afterMoves);
  root.addEventListener("htmx:afterSettle", () => keys.settle());
  root.addEventListener("htmx:oobAfterSwap", () => keys.settle());
  keepPlace(root);
  keepFocus(root);
  if (cellOn(root, location.hash.slice(5))) cellOn(root, location.hash.slice(5)).focus();
}

/** Each tick, word and page draws the calendar anew: open lists, the focus and what is being typed outlive that. */
function keepPlace(root) {
  root.addEventListener("htmx:beforeSwap", ({ target }) => {
    if (target !== root) return;
    const open = [...root.querySelectorAll("details[open][id]")].map(({ id }) => id);
    const { id, name, type, value, selectionStart } = root.contains(document.activeElement) ? document.activeElement : {};
    const isChip = document.activeElement.closest(".cal-chosen");
    root.addEventListener("htmx:afterSettle", () => {
      for (const one of open) document.getElementById(one)?.setAttribute("open", "");
      const box = name ? root.querySelector(`[name="${name}"][value="${CSS.escape(value)}"]`) : null;
      // A filter that was taken away has nothing left to stand on but the row of them.
      const row = isChip ? root.querySelector(".cal-filters summary") : null;
      const field = id ? document.getElementById(id) : box ?? row;
      field?.focus({ preventScroll: true });
      if (!field || type !== "search") return;
      const isNewer = field.value !== value; // typed since the server was asked
      field.value = value;
      field.setSelectionRange(selectionStart, selectionStart);
      if (isNewer) field.dispatchEvent(new Event("input", { bubbles: true }));
    }, { once: true });
  });
}

/** A day that is drawn anew keeps the focus: on the post, where that stands now; on the day when it is gone from it. */
function keepFocus(root) {
  let kept = null;
  root.addEventListener("htmx:oobBeforeSwap", ({ target }) => {
    const { activeElement: focused } = document;
    const card = target.contains(focused) && focused.closest(".card");
    const hour = target.contains(focused) && focused.dataset.hour;
    if (card || hour || target === focused) kept = { card: card?.id, day: target.id, hour };
    else if (kept && focused !== document.body && focused.id !== kept.day) kept = null;
  });
  root.addEventListener("htmx:oobAfterSwap", () => {
    if (!kept) return;
    const there = document.getElementById(kept.card)?.querySelector("a")
      ?? document.querySelector(kept.hour ? `#${kept.day} [data-hour="${kept.hour}"]` : `#${kept.day}`);
    there?.focus({ preventScroll: true });
  });
}
