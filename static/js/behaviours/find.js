/** <div data-behaviour="find">: arrows walk what was found while the focus stays in the field, Enter goes there. */
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

export default function find(element) {
  const field = element.querySelector("input");
  const hits = () => [...element.querySelectorAll("a[role=option]")];

  function choose(hit) {
    for (const one of hits()) one.ariaSelected = String(one === hit);
    field.setAttribute("aria-activedescendant", hit?.id ?? "");
    hit?.scrollIntoView({ block: "nearest" });
  }

  field.addEventListener("keydown", (event) => {
    const all = hits();
    const at = all.findIndex((hit) => hit.ariaSelected === "true");
    if (STEPS[event.key]) choose(all.at((at + STEPS[event.key]) % all.length));
    else if (event.key === "Enter") all[at]?.click();
    else return;
    event.preventDefault();
  });
  element.addEventListener("htmx:afterSettle", () => choose(hits()[0]));
  choose(hits()[0]);
}
