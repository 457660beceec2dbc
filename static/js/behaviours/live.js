import { titleOf } from "../calendar_cells.js";

/**
 * <div data-behaviour="live">: keeps #calendar up to date, by asking at its [data-changes] for the days that changed.
 *
 * Every 30 s, or 5 s while a post in view goes out or is about to; not while the page is hidden, at once on return.
 * Nothing is drawn while a card is carried or something is open over it, nor what was asked before an act of one's own:
 * then it asks again. After errors it slows down to five minutes and shows its [data-poll-stale] part. The focus stays
 * on the post or its day. data-published and data-failed: what is said of a post that went out, with {title}.
 */
const SOON_S = 5;
const USUAL_S = 30;
const SLOWEST_S = 300;
const AWAKE_MIN = [-10, 2]; // around a post's time, when something is about to happen
const OPEN = "dialog[open], :popover-open, [data-carries], [data-carrying], #calendar .menu[open]";
const FOCUSED = "a, button, input"; // what of a post can have the focus

export default function live(element) {
  const root = document.getElementById("calendar");
  const stale = element.querySelector("[data-poll-stale]");
  const signedOut = element.querySelector("[data-signed-out]");
  let view = null; // what is asked for, and with what: { from: the element that says it, ahead_ms, since }
  let timer = 0;
  let errors = 0;
  let asked = null; // how the request in flight goes: { answered, drawn, outdated }

  const isBusy = () => document.querySelector(OPEN) !== null;

  function look() {
    const from = root.querySelector("[data-changes]");
    if (view?.from !== from) view = { from, ahead_ms: Date.parse(`${from.dataset.now}Z`) - Date.now(), since: "" };
    return view;
  }

  /** Return the time on the page's clock so many minutes from now, as cards write it. */
  const wall = (minutes) => new Date(Date.now() + look().ahead_ms + minutes * 60_000).toISOString().slice(0, 16);

  function period() {
    const [first, last] = AWAKE_MIN.map(wall);
    const isAwake = ({ dataset: { status, at } }) => status === "publishing"
      || (["scheduled", "at_risk"].includes(status) && first <= at && at <= last);
    const usual = [...root.querySelectorAll("[data-status]")].some(isAwake) ? SOON_S : USUAL_S;
    return Math.min(usual * 2 ** errors, SLOWEST_S);
  }

  function plan(seconds) {
    clearTimeout(timer);
    if (!document.hidden && signedOut.hidden) timer = setTimeout(ask, seconds * 1000);
  }

  async function ask() {
    if (asked || isBusy()) return plan(1);
    clearTimeout(timer);
    const { from, since } = look();
    const before = picture(root);
    const seen = [...root.querySelectorAll("[data-digest]")].map(({ dataset }) => dataset.digest).join("");
    const values = { since, seen, rows: root.querySelectorAll(".list-row").length };
    asked = { answered: false, drawn: false, outdated: true }; // until it is sent: another one may be in its way
    await window.htmx.ajax("GET", from.dataset.changes, { source: element, target: element, swap: "none", values }).catch(() => {});
    const { answered, drawn, outdated } = asked;
    asked = null;
    if (!outdated) errors = answered ? 0 : errors + 1;
    stale.hidden = errors === 0;
    if (drawn) tell(before);
    plan(outdated ? 1 : period());
  }

  /** Say what came of posts in view, and give the focus back to what was drawn anew. */
  function tell({ states, focus }) {
    focus();
    const words = [];
    for (const card of root.querySelectorAll("[data-status][id]")) {
      const was = states.get(card.id);
      const sentence = was && was !== card.dataset.status && element.dataset[card.dataset.status];
      if (sentence) words.push(sentence.replace("{title}", () => titleOf(card)));
    }
    if (words.length) document.getElementById("live-polite").textContent = words.join(" ");
  }

  element.addEventListener("htmx:beforeRequest", () => { asked.outdated = false; });
  element.addEventListener("htmx:beforeOnLoad", (event) => {
    const { xhr, pathInfo } = event.detail;
    if (xhr.status >= 400) return;
    const isHere = new URL(xhr.responseURL).pathname === pathInfo.requestPath.split("?")[0];
    signedOut.hidden = isHere;
    signedOut.querySelector("a").search = new URLSearchParams({ next: location.pathname + location.search });
    asked.answered = true;
    asked.outdated ||= isBusy() || view.from !== root.querySelector("[data-changes]");
    if (!isHere || asked.outdated) return event.preventDefault();
    view.since = xhr.getResponseHeader("Change-Id") ?? view.since;
    asked.drawn = xhr.status === 200;
  });
  for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    element.addEventListener(name, (event) => event.stopPropagation()); // the note in place says it; no toast on top
  }
  element.addEventListener("htmx:sendAbort", () => { asked.outdated = true; }); // for something that matters more
  document.body.addEventListener("posts:changed", () => { if (asked) asked.outdated = true; });
  document.body.addEventListener("posts:stale", () => plan(0));
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : ask()));
  stale.querySelector("button").addEventListener("click", ask);
  plan(period());
}

/** Return how each post stands, and what gives the focus back to where it is now. */
function picture(root) {
  const states = new Map([...root.querySelectorAll("[data-status][id]")].map(({ id, dataset }) => [id, dataset.status]));
  const { activeElement: active } = document;
  const [post, day] = [active?.closest("#calendar [data-status][id]"), active?.closest("[data-day]")];
  const place = [...post?.querySelectorAll(FOCUSED) ?? []].indexOf(active);
  const focus = () => {
    if (!root.contains(active) && (post || day) && document.activeElement === document.body) {
      const there = document.getElementById(post?.id)?.querySelectorAll(FOCUSED);
      (there?.[place] ?? there?.[0] ?? document.getElementById(day?.id))?.focus({ preventScroll: true });
    }
  };
  return { states, focus };
}
