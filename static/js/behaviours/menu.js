/** <details data-behaviour="menu">: closes on Escape, on a click elsewhere, and when the focus leaves it. */
export default function menu(details) {
  const close = (event) => {
    if (!details.isConnected) return document.removeEventListener("click", close);
    if (!details.contains(event.target)) details.open = false;
  };
  document.addEventListener("click", close);
  details.addEventListener("focusout", (event) => {
    // A press on the words inside, which take no focus, gives it to the page around: nobody leaves.
    if (details.matches(":active")) return;
    if (event.relatedTarget && !details.contains(event.relatedTarget)) details.open = false;
  });
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    details.open = false;
    details.querySelector("summary").focus();
  });
}
