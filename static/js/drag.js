/**
 * Carry an element with mouse, pen or finger. Delegated: what is swapped into `root` later can be carried too.
 *
 * pick(target): the element to carry, or null. lift(item, at): what hangs at the pointer, a new element; `at` is
 * where the pointer took hold, {x, y} in the window.
 * over(x, y, item): at most once a frame while it is carried. drop(item), cancel(item): how it ends.
 * Mouse and pen lift after 5 px; a finger after 400 ms in one place, so that the page still scrolls, or at once from a
 * [data-grip]. Escape, a lost pointer and a lost window put it back. What moves less is a click.
 */
const SLOP = 5;
const FINGER_SLOP = 10;
const HOLD_MS = 400;
const EDGE = 48; // px from the window's edge where the page scrolls along
const SPEED = 12; // px a frame

export default function drag(root, { pick, lift, over, drop, cancel }) {
  let carried = null;

  root.addEventListener("pointerdown", (event) => {
    const item = event.isPrimary && event.button === 0 ? pick(event.target) : null;
    if (!item || carried) return;
    const waits = event.pointerType === "touch" && !event.target.closest("[data-grip]");
    carried = begin(event, item, waits);
  });

  function begin({ clientX, clientY, pointerId }, item, waits) {
    const stop = new AbortController();
    const from = { x: clientX, y: clientY };
    const at = { ...from };
    let ghost = null;
    let frame = 0;
    const listen = (target, name, act, more) => target.addEventListener(name, act, { signal: stop.signal, ...more });
    const timer = waits && setTimeout(rise, HOLD_MS);

    function rise() {
      ghost = lift(item, from);
      ghost.classList.add("lifted");
      document.body.append(ghost);
      document.documentElement.toggleAttribute("data-carrying", true);
      follow();
    }

    function follow() {
      ghost.style.transform = `translate(${at.x}px, ${at.y}px)`;
      over(at.x, at.y, item);
      const down = (at.y > innerHeight - EDGE) - (at.y < EDGE);
      if (down) scrollBy({ top: down * SPEED, behavior: "instant" });
      frame = requestAnimationFrame(follow);
    }

    function end(act) {
      clearTimeout(timer);
      cancelAnimationFrame(frame);
      stop.abort();
      document.documentElement.removeAttribute("data-carrying");
      carried = null;
      if (!ghost) return;
      ghost.remove();
      swallowClick();
      act(item);
    }

    listen(document, "pointermove", (event) => {
      if (event.pointerId !== pointerId) return;
      Object.assign(at, { x: event.clientX, y: event.clientY });
      const moved = Math.hypot(at.x - from.x, at.y - from.y);
      if (!ghost && waits && moved > FINGER_SLOP) end(cancel);
      else if (!ghost && !waits && moved > SLOP) rise();
    });
    listen(document, "pointerup", (event) => {
      if (event.pointerId !== pointerId) return;
      if (ghost) over(event.clientX, event.clientY, item); // the last frame may be a little behind
      end(drop);
    });
    listen(document, "pointercancel", (event) => event.pointerId === pointerId && end(cancel));
    listen(document, "keydown", (event) => {
      if (event.key !== "Escape" || !ghost) return;
      event.stopPropagation();
      end(cancel);
    }, { capture: true });
    listen(window, "blur", () => end(cancel));
    listen(root, "touchmove", (event) => ghost && event.preventDefault(), { passive: false });
    listen(root, "contextmenu", (event) => waits && event.preventDefault());
    listen(root, "dragstart", (event) => event.preventDefault());
    return stop;
  }
}

/** The click that a mouse sends after it let go is no click on what lies there. */
function swallowClick() {
  const stop = new AbortController();
  const swallow = (event) => {
    event.stopPropagation();
    event.preventDefault();
  };
  addEventListener("click", swallow, { capture: true, once: true, signal: stop.signal });
  setTimeout(() => stop.abort());
}
