/**
 * <fieldset data-behaviour="cover" data-strip="/posts/strip/">: the cover of a reel, by a slider over its frames.
 *
 * The number field #id_cover_at (seconds) is what is sent; the slider and the strip only set it. The video is the first
 * of the row ([data-film], its seconds); its frames are asked for once the field is on the screen.
 */
export default function cover(box) {
  const number = box.querySelector("#id_cover_at");
  const strip = box.querySelector("[data-cover-strip]");
  const slider = box.querySelector("[data-cover-slider]");
  const file = box.querySelector("[name=cover_upload]");
  let shown = "";
  let seen = false;

  const film = () => document.querySelector("#tiles [data-item]:not([data-removed])[data-film]");

  function mark() {
    slider.value = number.value.replace(",", ".") || 0;
    slider.setAttribute("aria-valuetext", box.dataset.second.replace("{n}", Number(slider.value).toLocaleString(document.documentElement.lang)));
  }

  async function look() {
    const tile = film();
    strip.hidden = !tile;
    box.querySelector("[data-cover-none]").hidden = Boolean(tile);
    const asset = tile?.querySelector("[name=media]").value ?? "";
    if (!seen || !asset || asset === shown) return;
    shown = asset;
    // A hundredth before the end: the end itself shows nothing any more.
    slider.max = Math.max(Number(tile.dataset.film) - 0.01, 0);
    mark();
    const answer = await fetch(`${box.dataset.strip}?asset=${asset}`).catch(() => null);
    if (asset !== shown) return;
    if (answer?.ok || answer?.status === 429) box.querySelector("[data-cover-frames]").innerHTML = await answer.text();
    if (!answer?.ok) shown = ""; // the slider works without the frames; they are asked for again with the next change
  }

  slider.addEventListener("input", (event) => {
    event.stopPropagation(); // each step of the way is no change yet
    number.value = slider.value;
    mark();
  });
  slider.addEventListener("change", (event) => {
    event.stopPropagation();
    number.dispatchEvent(new CustomEvent("pauta:changed", { bubbles: true }));
  });
  number.addEventListener("input", mark);
  file.addEventListener("htmx:afterRequest", () => { file.value = ""; }); // it is there, and need not come again
  for (const name of ["pauta:changed", "change"]) document.getElementById("post-form").addEventListener(name, look);
  new IntersectionObserver(([entry]) => {
    if (!entry.isIntersecting) return;
    seen = true;
    look();
  }).observe(box);
  mark();
  look();
}
