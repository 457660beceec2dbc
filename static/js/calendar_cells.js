/** What the days of a month are to dragging and to the keyboard: places on the page, in the order of time. */

export function cellsOf(root) {
  return [...root.querySelectorAll("[data-day]")];
}

export function cellOn(root, day) {
  return root.querySelector(`[data-day="${day}"]`);
}

/** Return the posts of a day that are seen; a low window hides the last. */
export function cardsOf(cell) {
  return [...cell.querySelectorAll(".card")].filter((card) => card.checkVisibility());
}

export function timeOf(card) {
  return card.querySelector("time")?.textContent ?? "";
}

/** Return what a card is called: the first words of its post. */
export function titleOf(card) {
  return card.querySelector("[data-title]")?.textContent ?? "";
}

export function isPast(cell) {
  return cell.hasAttribute("data-past");
}

/** Put a card into a day's list, where its time belongs; return what puts it back. */
export function putInto(cell, card) {
  const from = { list: card.parentElement, next: card.nextElementSibling };
  const list = cell.querySelector(".cell__posts") ?? cell.appendChild(newList());
  const after = [...list.children].find((other) => other.dataset.at?.slice(11) > card.dataset.at?.slice(11));
  list.insertBefore(card, after ?? null);
  return () => from.list?.insertBefore(card, from.next);
}

/** Return the sentence of that name with its {words} filled in. */
export function sentence(root, name, words) {
  return root.dataset[name].replace(/\{(\w+)\}/g, (_, word) => words[word] ?? "");
}

function newList() {
  const list = document.createElement("ol");
  list.className = "cell__posts";
  return list;
}
