/**
 * <div data-behaviour="card_menu" popover>: the one menu of all posts of a calendar, filled by the server when it opens.
 *
 * A post is a .card or a .list-row with data-version. Its menu opens by its .card__more (which comes to a card under the
 * pointer or the focus, from the <template> after the menu), by a right click, the menu key, Shift + F10 or ".", and by
 * `card:menu`. Arrows, Home, End and first letters walk it, Escape closes it; the focus goes back to the post, also when
 * what was done drew that anew. Delete asks for what the menu's own item asks for.
 */
const GAP = 8; // px that it keeps from the window's edges
const STEPS = { ArrowDown: 1, ArrowUp: -1 };
const POST = ".card[data-version], .list-row[data-version]";

export default function cardMenu(menu) {
  const more = menu.nextElementSibling.content.firstElementChild.cloneNode(true);
  const items = () => [...menu.querySelectorAll('[role="menuitem"]')];
  const linkOf = (post) => post?.querySelector("a");
  const postAt = (event) => event.target.closest?.(POST);
  const isCarrying = () => document.querySelector("[data-carries]") !== null;
  let asked = ""; // the id of the post whose menu it is
  let back = false; // whether the focus is to go back to it

  /** Ask the server what can be done with a post; resolves to whether that came, and nobody asked for another since. */
  async function fill(post) {
    asked = post.id;
    menu.replaceChildren();
    const ask = `/posts/${post.id.replace("post-", "")}/menu/?version=${post.dataset.version}`;
    await window.htmx.ajax("GET", ask, { source: menu, target: menu, swap: "innerHTML" }).catch(() => {});
    return asked === post.id && menu.firstElementChild !== null;
  }

  async function open(post, place) {
    linkOf(post).focus({ preventScroll: true });
    if (!(await fill(post)) || menu.matches(":popover-open")) return;
    menu.showPopover();
    const { width, height } = menu.getBoundingClientRect();
    menu.style.setProperty("--x", `${Math.max(GAP, Math.min(place.x, innerWidth - width - GAP))}px`);
    menu.style.setProperty("--y", `${Math.max(GAP, Math.min(place.y, innerHeight - height - GAP))}px`);
    items()[0].focus();
  }

  function openBelow(post, { left, bottom } = post.getBoundingClientRect()) {
    open(post, { x: left, y: bottom + 2 });
  }

  /** Delete asks first: the item is a form that does. */
  async function erase(post) {
    if (!(await fill(post))) return;
    back = true;
    menu.querySelector("[data-delete]")?.requestSubmit();
  }

  function bring(event) {
    const card = event.target.closest?.("[data-day] .card[data-version]");
    if (!card || isCarrying() || card.closest(".card__ghost")) return;
    const isKept = more.contains(document.activeElement) && event.type !== "focusin";
    if (more.parentElement !== card && !isKept) card.append(more);
    if (event.type === "focusin") more.tabIndex = 0;
    else if (!card.contains(document.activeElement)) more.tabIndex = -1;
  }

  function walk(event) {
    const all = items();
    const at = all.indexOf(document.activeElement);
    const letter = event.key.length === 1 && event.key !== " " && event.key.toLowerCase();
    const from = [...all.slice(at + 1), ...all.slice(0, at + 1)];
    let next = null;
    if (STEPS[event.key]) next = all.at((at + STEPS[event.key]) % all.length);
    else if (event.key === "Home") next = all[0];
    else if (event.key === "End") next = all.at(-1);
    else if (event.key === "Tab") menu.hidePopover();
    else if (letter) next = from.find((item) => item.textContent.trim().toLowerCase().startsWith(letter));
    else return;
    event.preventDefault();
    event.stopPropagation();
    next?.focus();
  }

  menu.addEventListener("keydown", walk);
  menu.addEventListener("contextmenu", (event) => event.preventDefault());
  menu.addEventListener("click", (event) => {
    const item = event.target.closest('[role="menuitem"]');
    if (!item) return;
    if (item.ariaDisabled === "true") return event.preventDefault();
    back = true;
    menu.hidePopover();
    linkOf(document.getElementById(asked))?.focus({ preventScroll: true });
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".card__more");
    if (button) openBelow(button.closest(POST) ?? button.parentElement.querySelector(POST), button.getBoundingClientRect());
  });
  document.addEventListener("pointerover", bring);
  document.addEventListener("focusin", bring);
  document.addEventListener("card:menu", ({ target, detail }) => open(target, detail));
  document.addEventListener("contextmenu", (event) => {
    const post = postAt(event);
    if (!post || event.defaultPrevented || event.shiftKey) return;
    event.preventDefault();
    if (!isCarrying()) open(post, { x: event.clientX, y: event.clientY });
  });
  document.addEventListener("keydown", (event) => {
    if (!menu.contains(event.target)) back = false;
    const post = postAt(event);
    if (!post || event.target.closest("input") || event.ctrlKey || event.metaKey || event.altKey || isCarrying()) return;
    if (event.key === "." || event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) openBelow(post);
    else if (event.key === "Delete") erase(post);
    else return;
    event.preventDefault();
  });
  document.addEventListener("pointerdown", (event) => { back &&= menu.contains(event.target); });
  // The rows of a list or of a day are drawn anew as a whole.
  document.addEventListener("htmx:afterSettle", () => {
    if (!back || document.activeElement !== document.body) return;
    (linkOf(document.getElementById(asked) ?? document.querySelector(POST)) ?? document.getElementById("main")).focus();
  });
}
