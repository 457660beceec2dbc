/**
 * Move an element by the keyboard: Space on its [data-grip] picks it up, arrows move it, Space or Enter drop it.
 *
 * Escape, Tab and losing the focus put it back. step(item, by) moves it by -1 or 1, place(item) and put(item, place)
 * remember and restore where it stood, say(words, item) speaks: "lifted", "moved" or "back". drop(item, place), if
 * given, ends it in the place of a last "moved"; free(item) tells whether it may be picked up.
 */
const BY = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

export default function keyCarry(root, { step, place, put, say, drop, free = () => true }) {
  let held = null; // the item, and the place it had
  let moves = false; // moving it in the page takes its focus for a moment

  function hold(item) {
    held = { item, from: place(item) };
    item.toggleAttribute("data-carried", true);
    say("lifted", item);
  }

  function move(act) {
    moves = true;
    act();
    held.item.querySelector("[data-grip]").focus();
    moves = false;
  }

  function end(words) {
    const { item, from } = held;
    held = null;
    item.removeAttribute("data-carried");
    if (drop && words === "moved") drop(item, from);
    else say(words, item);
  }

  function putBack() {
    move(() => put(held.item, held.from));
    end("back");
  }

  function press(key, item) {
    if (!held && key === " ") {
      if (free(item)) hold(item);
    } else if (!held) return false;
    else if (key === " " || key === "Enter") end("moved");
    else if (key === "Escape") putBack();
    else if (BY[key]) {
      move(() => step(item, BY[key]));
      say("moved", item);
    } else return false;
    return true;
  }

  root.addEventListener("keydown", (event) => {
    const item = event.target.closest("[data-grip]")?.closest("[data-item]");
    if (item && press(event.key, item)) event.preventDefault();
  });
  root.addEventListener("keyup", (event) => event.key === " " && event.target.closest("[data-grip]") && event.preventDefault());
  root.addEventListener("focusout", () => {
    if (!held || moves) return;
    put(held.item, held.from);
    end("back");
  });
}
