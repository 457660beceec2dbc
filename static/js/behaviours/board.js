import drag from "../drag.js";
import keyCarry from "../key_carry.js";

/**
 * <div data-behaviour="board">: its [data-item] cards go from one [data-column] to another, by dragging them or by Space
 * and the arrow keys on their [data-grip].
 *
 * A card is shown in its new column at once, then the server is asked at the card's data-move-url and answers with both
 * columns. When it does not, the card goes back. One move at a time. data-lifted, data-back, data-offline and
 * data-refused hold the sentences, with {item} and {column}.
 */
export default function board(root) {
  const live = root.querySelector("[data-board-live]");

  function words(name, item) {
    const { title } = item.dataset;
    return root.dataset[name].replace("{column}", () => columnOf(item).dataset.title).replace("{item}", () => title);
  }

  function say(name, item) {
    live.textContent = name === "moved" ? columnOf(item).dataset.title : words(name, item);
  }

  /** Ask the server for what is shown already; `from` is where the card stood. */
  async function send(item, from, { focus }) {
    if (columnOf(item) === from.column) return say("back", item);
    let trouble = "refused";
    const offline = () => { trouble = "offline"; };
    const told = (event) => { if (event.detail.successful) trouble = ""; };
    const stop = new AbortController();
    for (const name of ["htmx:sendError", "htmx:responseError"]) {
      root.addEventListener(name, (event) => event.stopPropagation(), { signal: stop.signal });
    }
    root.addEventListener("htmx:sendError", offline, { signal: stop.signal });
    root.addEventListener("htmx:afterRequest", told, { signal: stop.signal });
    root.setAttribute("aria-busy", "true");
    const values = { status: columnOf(item).dataset.column };
    await window.htmx.ajax("POST", item.dataset.moveUrl, { source: root, target: root, swap: "none", values }).catch(() => {});
    root.removeAttribute("aria-busy");
    stop.abort();
    if (trouble) {
      put(item, from);
      root.dispatchEvent(new CustomEvent("toast", { bubbles: true, detail: { text: words(trouble, item) } }));
    }
    if (focus) document.getElementById(item.id)?.querySelector("[data-grip]").focus();
  }

  const free = () => !root.hasAttribute("aria-busy");
  const carry = { step, place, put, say, free, drop: (item, from) => send(item, from, { focus: true }) };
  keyCarry(root, carry);
  drag(root, carrying(root, free, say, send));
  root.querySelectorAll("[data-grip]").forEach(show);
  root.addEventListener("htmx:oobAfterSwap", () => root.querySelectorAll("[data-grip]").forEach(show));

  /** Move a card to the column beside its own. */
  function step(item, by) {
    const columns = [...root.querySelectorAll("[data-column]")];
    const column = columns[columns.indexOf(columnOf(item)) + by];
    if (column) put(item, { column, before: column.firstElementChild });
  }
}

/** How a card is dragged: it stays where it is, pale, while a copy of it hangs at the pointer. */
function carrying(root, free, say, send) {
  let columns = []; // with their rectangles in the page, read once
  let target = null;

  function aim(column) {
    if (column === target) return;
    target?.removeAttribute("data-target");
    column?.setAttribute("data-target", "");
    target = column;
  }

  function finish(item) {
    aim(null);
    item.removeAttribute("data-carried");
  }

  return {
    pick: (from) => free() && !from.closest("button:not([data-grip]), summary, form") && from.closest("[data-item]"),
    lift(item, { x, y }) {
      columns = [...root.querySelectorAll("[data-column]")].map((column) => [column, rectangle(column.parentElement)]);
      item.toggleAttribute("data-carried", true);
      return copyOf(item, x, y);
    },
    over(x, y, item) {
      const [column] = columns.find(([, box]) => holds(box, x + scrollX, y + scrollY)) ?? [null];
      aim(column === columnOf(item) ? null : column);
    },
    drop(item) {
      const [from, column] = [place(item), target];
      finish(item);
      if (!column) return;
      put(item, { column, before: column.firstElementChild });
      send(item, from, { focus: false });
    },
    cancel(item) {
      if (!item.hasAttribute("data-carried")) return; // it was never lifted
      finish(item);
      say("back", item);
    },
  };
}

function copyOf(item, x, y) {
  const box = item.getBoundingClientRect();
  const ghost = document.createElement("div");
  const card = item.cloneNode(true);
  card.removeAttribute("id");
  card.removeAttribute("data-carried");
  card.inert = true;
  card.style.inlineSize = `${box.width}px`;
  card.style.translate = `${box.left - x}px ${box.top - y}px`;
  ghost.className = "idea__ghost";
  ghost.append(card);
  return ghost;
}

function rectangle(element) {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return { left: left + scrollX, right: right + scrollX, top: top + scrollY, bottom: bottom + scrollY };
}

function holds({ left, right, top, bottom }, x, y) {
  return x >= left && x <= right && y >= top && y <= bottom;
}

function columnOf(item) {
  return item.closest("[data-column]");
}

function place(item) {
  return { column: columnOf(item), before: item.nextElementSibling };
}

function put(item, { column, before }) {
  column.insertBefore(item, before);
}

function show(grip) {
  grip.hidden = false;
}
