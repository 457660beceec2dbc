/** Start each `data-behaviour` once per element, in the whole page or in what htmx swapped in. */
const started = new WeakMap();

export default function mount(root, behaviours) {
  const elements = [...root.querySelectorAll("[data-behaviour]")];
  if (root.matches?.("[data-behaviour]")) elements.unshift(root);
  for (const element of elements) {
    const names = started.get(element) ?? new Set();
    started.set(element, names);
    for (const name of element.dataset.behaviour.split(" ")) {
      if (behaviours[name] && !names.has(name)) {
        names.add(name);
        behaviours[name](element);
      }
    }
  }
}
