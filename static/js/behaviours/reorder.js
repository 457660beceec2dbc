import drag from "../drag.js";
import keyCarry from "../key_carry.js";

/**
 * <ol data-behaviour="reorder">: its [data-item] children move by their [data-move=earlier|later] buttons, by dragging
 * them at their [data-grip] or picture, and by Space and the arrow keys on the grip.
 *
 * Each item's [data-place] field (and [data-place-text]) says its place from 1 up; the server reads the fields.
 * data-moved, data-lifted and data-back hold the sentences for the live region, with {n}.
 */
export default function reorder(list) {
  const live = list.parentElement.querySelector("[data-reorder-live]");

  function say(words, item) {
    if (live) live.textContent = list.dataset[words].replace("{n}", itemsOf(list).indexOf(item) + 1);
  }

  /** Put an item before another one, or last; what listens to the form hears of it. */
  function put(item, before) {
    if (item === before || item.nextElementSibling === before) return;
    list.insertBefore(item, before);
    number(list);
    list.dispatchEvent(new CustomEvent("pauta:changed", { bubbles: true }));
  }

  function step(item, by) {
    const others = itemsOf(list).filter((other) => other !== item);
    put(item, others[Math.max(itemsOf(list).indexOf(item) + by, 0)] ?? null);
  }

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    const item = button?.closest("[data-item]");
    if (!item) return;
    step(item, button.dataset.move === "earlier" ? -1 : 1);
    (button.disabled ? item.querySelector("[data-move]:not(:disabled)") : button)?.focus();
    say("moved", item);
  });
  list.addEventListener("change", (event) => {
    const gone = event.target.closest("[data-remove]");
    if (gone) gone.closest("[data-item]").toggleAttribute("data-removed", gone.checked);
  });
  keyCarry(list, { step, put, say, place: (item) => item.nextElementSibling });
  drag(list, carrying(list, put, say));
  new MutationObserver(() => number(list)).observe(list, { childList: true }); // files that were just uploaded
  number(list);
}

/** What a dragged tile shows on its way: its picture at the pointer, and a line where it would come to stand. */
function carrying(list, put, say) {
  let before = null;

  function finish(item) {
    mark(list, item, item);
    item.removeAttribute("data-carried");
  }

  return {
    pick: (from) => itemsOf(list).length > 1 && from.closest("[data-grip], .tile__picture")?.closest("[data-item]"),
    lift(item) {
      item.toggleAttribute("data-carried", true);
      const ghost = document.createElement("div");
      ghost.className = "tile__ghost";
      ghost.append(item.querySelector(".tile__picture").cloneNode(true));
      return ghost;
    },
    over(_, y, item) {
      before = itemsOf(list).find((other) => middle(other) > y) ?? null;
      mark(list, item, before);
    },
    drop(item) {
      put(item, before);
      finish(item);
      say("moved", item);
    },
    cancel: finish,
  };
}

/** Draw the line before an item, or after the last one; none where the carried item stands already. */
function mark(list, item, before) {
  const stays = before === item || before === item.nextElementSibling;
  for (const other of itemsOf(list)) {
    other.toggleAttribute("data-before", !stays && other === before);
    other.toggleAttribute("data-after", !stays && !before && other === list.lastElementChild);
  }
}

function itemsOf(list) {
  return [...list.querySelectorAll(":scope > [data-item]")];
}

function middle(item) {
  const { top, height } = item.getBoundingClientRect();
  return top + height / 2;
}

function number(list) {
  const items = itemsOf(list);
  items.forEach((item, index) => {
    item.querySelector("[data-place]").value = index + 1;
    item.querySelector("[data-place-text]").textContent = index + 1;
    for (const button of item.querySelectorAll("[data-move]")) {
      button.hidden = items.length < 2;
      button.disabled = index === (button.dataset.move === "earlier" ? 0 : items.length - 1);
    }
    item.querySelector("[data-grip]").hidden = items.length < 2;
    item.querySelector("[data-place-row]").hidden = true;
  });
}
