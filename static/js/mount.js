const started = new WeakMap();

/** Start each `data-behaviour` that is known here, once per element, in the page and in what htmx swaps in. */
export default function start(behaviours) {
  window.htmx.onLoad((root) => mount(root, behaviours));
  mount(document.body, behaviours);
}

function mount(root, behaviours) {
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
