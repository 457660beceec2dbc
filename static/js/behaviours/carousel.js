/**
 * <div data-behaviour="carousel">: buttons [data-step=-1|1] turn the row beside them by one picture.
 *
 * The row scrolls and snaps by itself; without this module it is turned by touch, wheel or arrow keys.
 */
export default function carousel(frame) {
  const row = frame.firstElementChild;
  const buttons = [...frame.querySelectorAll("[data-step]")];
  const last = row.children.length - 1;
  const place = () => Math.round(Math.abs(row.scrollLeft) / row.clientWidth);
  const draw = () => buttons.forEach((button) => {
    // A button that vanished under the focus would throw it to the top of the page.
    const atEnd = place() === (button.dataset.step === "1" ? last : 0);
    if (atEnd && button === document.activeElement) row.focus({ preventScroll: true });
    button.disabled = atEnd;
  });
  for (const button of buttons) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
      row.scrollTo({ left: (place() + Number(button.dataset.step)) * row.clientWidth, behavior });
    });
  }
  row.addEventListener("scroll", draw, { passive: true });
  draw();
}
