/** The row of files in the post form: a file that comes to it while the page is open. */
let known = 0; // files so far, so that each knows its place

export function nextOrder() {
  known += 1;
  return known;
}

/**
 * Put a file's tile where it was chosen, whichever arrived first. One that is there already is kept, and that is said:
 * a file has one place in a post.
 */
export async function place(address, asset, order) {
  const tiles = document.getElementById("tiles");
  const tile = tileOf(tiles, asset) ? null : await drawn(`${address}?asset=${asset}`);
  const there = tileOf(tiles, asset); // looked for once more: the same file may have come twice at once
  if (there) keepThere(tiles, there);
  else add(tiles, tile, order);
  tiles.dispatchEvent(new CustomEvent("pauta:changed", { bubbles: true }));
}

function tileOf(tiles, asset) {
  return tiles.querySelector(`[name="media"][value="${asset}"]`)?.closest("[data-item]");
}

function keepThere(tiles, tile) {
  const removed = tile.querySelector("[data-remove]");
  if (!removed.checked) {
    const text = tiles.dataset.there.replace("{name}", () => tile.querySelector(".tile__name").textContent);
    document.body.dispatchEvent(new CustomEvent("toast", { detail: { text } }));
  }
  removed.checked = false;
  removed.dispatchEvent(new Event("change", { bubbles: true }));
}

async function drawn(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  return holder.content.querySelector("[data-item]");
}

function add(tiles, tile, order) {
  tile.dataset.order = order;
  tiles.insertBefore(tile, [...tiles.children].find((other) => Number(other.dataset.order ?? -1) > order) ?? null);
  window.htmx.process(tile);
  window.htmx.trigger(tile, "htmx:load", { elt: tile });
}
