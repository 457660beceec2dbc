/**
 * Ask the server for a move that the page shows already, one at a time for each card; put it back when it is refused.
 *
 * root: what the answer's parts belong to; its data-offline is said when nobody answers. values: the fields of the
 * request. show(): draws the card where it is to be; putBack(): where it was. Resolves to whether it moved.
 */
const under_way = new Set();

export default async function sendMove(root, card, values, { show, putBack }) {
  const { id } = card;
  if (under_way.has(id)) return false;
  under_way.add(id);
  show();
  let moved = false;
  let offline = false;
  const stop = new AbortController();
  const listen = (name, act) => root.addEventListener(name, act, { signal: stop.signal });
  listen("htmx:beforeSwap", ({ detail }) => {
    moved = detail.xhr.status < 300;
    if (!moved) putBack(); // before the answer is drawn, which says how it really is
  });
  listen("htmx:sendError", (event) => {
    event.stopPropagation(); // the sentence below says more
    offline = true;
  });
  const path = card.dataset.moveUrl ?? `/posts/${id.replace("post-", "")}/move/`;
  await window.htmx.ajax("POST", path, { source: root, target: root, swap: "none", values }).catch(() => {});
  stop.abort();
  under_way.delete(id);
  if (offline) {
    putBack();
    root.dispatchEvent(new CustomEvent("toast", { bubbles: true, detail: { text: root.dataset.offline } }));
  }
  return moved;
}
