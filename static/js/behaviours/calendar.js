import calendarDrag from "../calendar_drag.js";
import calendarKeys from "../calendar_keys.js";
import sendMove from "../calendar_moves.js";
import { cellOn, putInto, sentence, timeOf, titleOf } from "../calendar_cells.js";

/**
 * <div data-behaviour="calendar">: its .card items go from one [data-day] to another, by pointer and by keyboard.
 *
 * A card is shown on its new day at once, then the server is asked and answers with both days. data-* hold the
 * sentences, with {title}, {date}, {time}, {n} and {old}; data-zone is the clock that the page shows.
 */
const PAUSE_MS = 100; // between two things that are said while something is carried

export default function calendar(root) {
  const live = document.getElementById("live-move");
  let timer = 0;

  function say(words) {
    clearTimeout(timer);
    timer = setTimeout(() => { live.textContent = words; }, PAUSE_MS);
  }

  async function move(card, cell) {
    const from = card.closest("[data-day]");
    const words = {
      title: titleOf(card),
      old: `${from?.dataset.date ?? ""}, ${timeOf(card)}`,
      new: `${cell.dataset.date}, ${timeOf(card)}`,
    };
    let putBack = () => {};
    const values = { date: cell.dataset.day, tz: root.dataset.zone, version: card.dataset.version };
    const moved = await sendMove(root, card, values, {
      show: () => { putBack = putInto(cell, card); },
      putBack: () => putBack(),
    });
    if (!moved) return;
    say(sentence(root, "dropped", words));
    document.getElementById(card.id)?.toggleAttribute("data-just-moved", true);
  }

  /** Show the page before or after; resolves when it is there. */
  function turn(pages) {
    const arrow = root.querySelector(`[data-turn="${pages}"]`);
    return new Promise((resolve) => {
      root.addEventListener("htmx:afterSettle", resolve, { once: true });
      arrow.click();
    });
  }

  calendarDrag(root, { move, say });
  const keys = calendarKeys(root, { move, say, turn });
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
    const { id, type, value, selectionStart } = root.contains(document.activeElement) ? document.activeElement : {};
    root.addEventListener("htmx:afterSettle", () => {
      for (const one of open) document.getElementById(one)?.setAttribute("open", "");
      const field = id ? document.getElementById(id) : null;
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
    if (card || target === focused) kept = { card: card?.id, day: target.id };
    else if (kept && focused !== document.body && focused.id !== kept.day) kept = null;
  });
  root.addEventListener("htmx:oobAfterSwap", () => {
    if (!kept) return;
    const there = document.getElementById(kept.card)?.querySelector("a") ?? document.getElementById(kept.day);
    there?.focus({ preventScroll: true });
  });
}
