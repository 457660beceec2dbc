/**
 * What days and hours are to dragging and to the keyboard: places on the page, in the order of time.
 *
 * A cell is a day of a month, or an hour of a week. A spot is where a card may stand: {cell, at, clock, time, date,
 * short, where, count, isPast}, `at` on the wall, `clock` its time of day, or "" where the card keeps its own, or has none
 * and gets one from the server.
 */

export function cellsOf(root) {
  return [...root.querySelectorAll("[data-day]")];
}

/** Return the cell of a day, in a week at that hour, or at the next one where the clock skips it. */
export function cellOn(root, day, hour = "") {
  const cells = [...root.querySelectorAll(`[data-day="${day}"]`)];
  return cells.find((cell) => cell.dataset.hour === hour) ?? cells.find((cell) => !(cell.dataset.hour < hour)) ?? cells.at(-1);
}

/** Return what the page says of the day of a cell or card: date, short, count. */
export function dayOf(element) {
  return element.closest("[data-date]")?.dataset ?? {};
}

/** Return the posts of a day that are seen; a low window hides the last. */
export function cardsOf(cell) {
  return [...cell.closest("[data-date], .rail").querySelectorAll(".card")].filter((card) => card.checkVisibility());
}

export function timeOf(card) {
  return card.querySelector("time")?.textContent ?? "";
}

/** Return what a card is called: the first words of its post. */
export function titleOf(card) {
  return card.querySelector("[data-title]")?.textContent ?? "";
}

/** Return the spot that a card would have in a cell; minute counts in an hour only. */
export function spotIn(root, cell, card, minute = 0) {
  const own = card.dataset.at.slice(11);
  const { day, hour } = cell.dataset;
  const minutes = String(minute).padStart(2, "0");
  const clock = hour ? `${hour.slice(0, 2)}:${minutes}` : own;
  const at = `${day}T${clock}`;
  const { date, short, count } = dayOf(cell);
  const words = hour && root.querySelector(`[data-line="${hour}"]`).dataset.words.replace("{}", minutes);
  const time = clock === own ? timeOf(card) : words;
  return {
    cell, at, date, short, count, time,
    where: joined(", ", date, time),
    clock: clock === own ? "" : clock,
    isPast: cell.hasAttribute("data-past") || Boolean(hour && at <= nowOn(root)),
  };
}

/** Return the minute at which a week shows the time to be, "" where it does not. */
export function nowOn(root) {
  return root.querySelector(".hour__now")?.dataset.at ?? "";
}

/** Show where a card would come to stand, and that alone; null takes it away. */
export function mark(root, spot) {
  root.querySelector(".hour__aim")?.remove();
  const marked = root.querySelector(".cell:is([data-target], [data-refused])");
  for (const name of ["data-target", "data-refused", "data-hint"]) marked?.removeAttribute(name);
  if (!spot) return;
  const hint = spot.isPast ? root.dataset.past : joined(" · ", spot.short, spot.time);
  let place = spot.cell;
  if (place.dataset.hour) {
    place = place.appendChild(document.createElement("div"));
    place.className = "hour__aim";
    place.dataset.at = spot.at;
    place.appendChild(document.createElement("span")).textContent = hint;
  } else {
    place.dataset.hint = hint;
  }
  place.toggleAttribute(spot.isPast ? "data-refused" : "data-target", true);
}

/** Put a card where it is to be; return what puts it back. */
export function putInto({ cell, at, time }, card) {
  const from = { list: card.parentElement, next: card.nextElementSibling, at: card.dataset.at, time: timeOf(card), lane: card.dataset.lane };
  const name = cell.dataset.hour ? "hour__posts" : "cell__posts";
  const list = cell.querySelector(`.${name}`) ?? cell.appendChild(newList(name));
  const dress = (when, words, lane) => {
    card.dataset.at = when;
    card.querySelector("time").textContent = words;
    if (lane) card.dataset.lane = lane;
    else delete card.dataset.lane;
  };
  dress(at, time);
  list.insertBefore(card, [...list.children].find((other) => other !== card && other.dataset.at?.slice(11) > at.slice(11)) ?? null);
  return () => {
    dress(from.at, from.time, from.lane);
    from.list?.insertBefore(card, from.next?.parentElement === from.list ? from.next : null); // which may have left, too
  };
}

/** Return the words that there are, with `between` them: a card that waits for a day has no time. */
function joined(between, ...words) {
  return words.filter(Boolean).join(between);
}

/** Return the sentence of that name with its {words} filled in. */
export function sentence(root, name, words) {
  return root.dataset[name].replace(/\{(\w+)\}/g, (_, word) => words[word] ?? "");
}

function newList(name) {
  const list = document.createElement("ol");
  list.className = name;
  return list;
}
