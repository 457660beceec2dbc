/**
 * Ask the server for a move that the page shows already, one after the other; put it back when it is refused.
 *
 * root: what the answer's parts belong to; its data-offline is said when nobody answers. values: the fields of the
 * request. show(): draws the card where it is to be; putBack(): where it was. Resolves to whether it moved.
 */
const under_way = new Set();
let last = Promise.resolve(); // htmx lets one request of an element wait, and drops the others

export default async function sendMove(root, card, values, { show, putBack }) {
  const { id } = card;
  if (under_way.has(id)) return false;
  under_way.add(id);
  const path = card.dataset.moveUrl ?? `/posts/${id.replace("post-", "")}/move/`;
  const ask = () => send(root, path, values, putBack);
  // Asked before it is drawn, which takes about as long as the answer; behind another move it has to wait anyway.
  const answer = under_way.size === 1 ? ask() : last.then(ask);
  show();
  last = answer.finally(() => under_way.delete(id));
  return last;
}

/** Let what would draw the page anew wait for the moves: it would abort the request of one. */
export function afterMoves(event) {
  if (!under_way.size || event.detail.elt === event.currentTarget) return;
  event.preventDefault();
  last.then(() => event.detail.issueRequest());
}

async function send(root, path, values, putBack) {
  let moved = false;
  const stop = new AbortController();
  const listen = (name, act) => root.addEventListener(name, (event) => {
    if (event.detail.requestConfig?.elt === root) act(event);
  }, { signal: stop.signal });
  listen("htmx:beforeSwap", ({ detail }) => {
    moved = detail.xhr.status < 300;
    if (!moved) putBack(); // before the answer is drawn, which says how it really is
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    listen(name, (event) => {
      event.stopPropagation(); // the sentence below says more
      putBack();
      root.dispatchEvent(new CustomEvent("toast", { bubbles: true, detail: { text: root.dataset.offline } }));
    });
  }
  // Not the promise of htmx: that of a request which has to wait is kept at once.
  const answered = new Promise((resolve) => { listen("htmx:afterRequest", resolve); });
  window.htmx.ajax("POST", path, { source: root, target: root, swap: "none", values }).catch(() => {});
  await answered;
  stop.abort();
  return moved;
}
