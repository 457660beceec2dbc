/**
 * <body data-behaviour="shortcuts">: a single key presses what names it by aria-keyshortcuts, or goes into that field.
 *
 * Not while somebody types, carries a post or has a dialog open. What is named with Control+ is also pressed while
 * somebody types, and by the command key of a Mac.
 */
const BUSY = "dialog[open], [data-carries], :popover-open";
const TYPING = "input, textarea, select, [contenteditable]";

export default function shortcuts() {
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    const isCommand = event.ctrlKey || event.metaKey;
    if (event.defaultPrevented || event.altKey || key.length > 1 || document.querySelector(BUSY)) return;
    if (!isCommand && target.closest?.(TYPING)) return;
    const name = isCommand ? `Control+${key.toUpperCase()}` : key;
    const named = [...document.querySelectorAll(`[aria-keyshortcuts="${CSS.escape(name)}"]`)];
    const there = named.find((element) => element.checkVisibility());
    if (!there) return;
    event.preventDefault();
    if (there.matches(TYPING)) there.focus();
    else there.click();
  });
}
