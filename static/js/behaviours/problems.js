/** [data-behaviour="problems"]: the summary of a refused form takes the focus, so that it is seen and read first. */
export default function problems(element) {
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "center" });
}
