/** The row of files in the post form: a file that comes to it while the page is open. */
let known = 0; // files so far, so that each knows its place

export function nextOrder() {
  known += 1;
  return known;
}

/** Put a file's tile where it was chosen, whichever arrived first; one that is there already is not to be removed. */
export async function place(address, asset, order) {
  const tiles = document.getElementById("tiles");
  const there = tiles.querySelector(`[name="media"][value="${asset}"]`)?.closest("[data-item]");
  if (there) keepThere(there);
  else await add(tiles, `${address}?asset=${asset}`, order);
  tiles.dispatchEvent(new CustomEvent("pauta:changed", { bubbles: true }));
}

function keepThere(tile) {
  const removed = tile.querySelector("[data-remove]");
  removed.checked = false;
  removed.dispatchEvent(new Event("change", { bubbles: true }));
}

async function add(tiles, address, order) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  const tile = holder.content.querySelector("[data-item]");
  tile.dataset.order = order;
  tiles.insertBefore(tile, [...tiles.children].find((other) => Number(other.dataset.order ?? -1) > order) ?? null);
  window.htmx.process(tile);
  window.htmx.trigger(tile, "htmx:load", { elt: tile });
}
