/**
 * <div data-behaviour="poll" data-poll-s="30" hx-get="…" hx-trigger="poll:now">: fires `poll:now` every so often.
 *
 * Stops while the page is hidden and fires on return; after errors it slows down to five minutes and shows its
 * [data-poll-stale] part, whose button asks again at once. An answer that says what is on screen already is dropped,
 * open <details> stay open, and the focus is never moved (htmx finds it again by its id). A changed data-announce is
 * said in the live region.
 */
const SLOWEST_S = 300;
const TOKEN = /name="csrfmiddlewaretoken" value="[^"]*"/g;
const last = new Map(); // the answer on screen, by element id

export default function poll(element) {
  const every = Number(element.dataset.pollS);
  const stale = element.querySelector("[data-poll-stale]");
  let wait = every;
  let timer = 0;

  const fire = () => element.dispatchEvent(new CustomEvent("poll:now", { bubbles: false }));
  const plan = () => {
    clearTimeout(timer);
    if (document.hidden) return;
    timer = setTimeout(() => (isBusy(element) ? plan() : fire()), wait * 1000);
  };
  const slow = (event) => {
    if (event.target !== element) return;
    event.stopPropagation(); // the note in place says it; no toast on top
    wait = Math.min(wait * 2, SLOWEST_S);
    if (stale) stale.hidden = false;
    plan();
  };
  const settle = (event) => {
    if (event.target !== element || !event.detail.successful) return;
    wait = every;
    if (stale) stale.hidden = true;
    plan();
  };
  const wake = () => {
    if (!element.isConnected) return document.removeEventListener("visibilitychange", wake);
    return document.hidden ? clearTimeout(timer) : fire();
  };

  element.addEventListener("htmx:sendError", slow);
  element.addEventListener("htmx:timeout", slow);
  element.addEventListener("htmx:responseError", slow);
  element.addEventListener("htmx:afterRequest", settle);
  element.addEventListener("htmx:beforeSwap", (event) => keepWhatIsSame(element, event));
  element.addEventListener("htmx:beforeCleanupElement", (event) => event.target === element && clearTimeout(timer));
  stale?.querySelector("button")?.addEventListener("click", fire);
  document.addEventListener("visibilitychange", wake);
  plan();
}

/** Somebody is choosing or being asked something: wait. */
function isBusy(element) {
  return Boolean(document.querySelector("dialog[open]")) || element.querySelector(".htmx-request") !== null;
}

function keepWhatIsSame(element, event) {
  if (event.target !== element || event.detail.requestConfig.verb !== "get") return;
  const answer = event.detail.serverResponse.replace(TOKEN, "");
  if (last.get(element.id) === answer) {
    event.detail.shouldSwap = false;
    return;
  }
  last.set(element.id, answer);
  const before = element.dataset.announce;
  const open = [...element.querySelectorAll("details[open][id]")].map((details) => details.id);
  document.body.addEventListener("htmx:afterSettle", () => {
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    const after = document.getElementById(element.id)?.dataset.announce;
    if (after && after !== before) document.getElementById("live-polite").textContent = after;
  }, { once: true });
}
