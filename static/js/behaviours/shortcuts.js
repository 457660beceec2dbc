/**
 * <body data-behaviour="shortcuts">: a single key presses what names it by aria-keyshortcuts, or goes into that field.
 *
 * Not while somebody types, carries a post or has a dialog open.
 */
const BUSY = "dialog[open], [data-carries], :popover-open";
const TYPING = "input, textarea, select, [contenteditable]";

export default function shortcuts() {
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || key.length > 1) return;
    if (target.closest?.(TYPING) || document.querySelector(BUSY)) return;
    const named = [...document.querySelectorAll(`[aria-keyshortcuts="${CSS.escape(key)}"]`)];
    const there = named.find((element) => element.checkVisibility());
    if (!there) return;
    event.preventDefault();
    if (there.matches(TYPING)) there.focus();
    else there.click();
  });
}
