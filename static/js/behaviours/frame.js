import show from "../framed.js";

/**
 * <details data-behaviour="frame" data-width data-height>: shows what a chosen shape keeps of a picture.
 *
 * The fields shape_, fit_, x_, y_ and zoom_ say it to the server; dragging the view or its arrow keys only move the
 * sliders. The numbers are those of scheduler/lib/framing.py. What is kept is told to the tile by `frame:drawn`.
 */
const STEP = 0.01;
const ZOOM_STEP = 0.1;
const ARROWS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
const ZOOMS = { "+": ZOOM_STEP, "=": ZOOM_STEP, "-": -ZOOM_STEP };

export default function frame(box) {
  const view = box.querySelector("[data-frame-view]");
  const width = Number(box.dataset.width);
  const height = Number(box.dataset.height);
  const field = (name) => box.querySelector(`[name^="${name}_"][type="range"]`);
  const chosen = (name) => box.querySelector(`[name^="${name}_"]:checked`)?.value ?? "";
  const isCrop = () => chosen("fit") === "crop";

  function part() {
    const [across, down] = chosen("shape").split(":").map(Number);
    const wide = Math.min(width, (height * across) / down) / Number(field("zoom").value);
    return { ratio: across / down, wide, high: (wide * down) / across };
  }

  function move(right, down) {
    const { wide, high } = part();
    shift(field("x"), right, wide / 2 / width);
    shift(field("y"), down, high / 2 / height);
    draw();
  }

  function draw() {
    const shape = chosen("shape");
    const word = box.querySelector("[data-frame-word]");
    word.textContent = shape || word.dataset.own;
    box.querySelector("[data-frame-fits]").hidden = !shape;
    box.querySelector("[data-frame-sliders]").hidden = !shape || !isCrop();
    const shown = shape ? framed() : null;
    box.dispatchEvent(new CustomEvent("frame:drawn", { bubbles: true, detail: shown }));
    if (!view) return;
    view.hidden = !shape;
    if (shape) show(view, shown);
  }

  function framed() {
    const { ratio, wide, high } = part();
    return { ratio, paper: chosen("fit"), box: isCrop() ? cropped(wide, high) : whole(ratio) };
  }

  function cropped(wide, high) {
    const left = bounded(field("x").value * width - wide / 2, 0, width - wide);
    const top = bounded(field("y").value * height - high / 2, 0, height - high);
    return [width / wide, -left / wide, -top / high];
  }

  function whole(ratio) {
    const own = width / height;
    return own > ratio ? [1, 0, (1 - ratio / own) / 2] : [own / ratio, (1 - own / ratio) / 2, 0];
  }

  view?.addEventListener("pointerdown", (event) => isCrop() && view.setPointerCapture(event.pointerId));
  view?.addEventListener("pointermove", (event) => {
    if (!view.hasPointerCapture(event.pointerId)) return;
    const { wide } = part();
    const scale = wide / view.clientWidth;
    move((-event.movementX * scale) / width, (-event.movementY * scale) / height);
  });
  view?.addEventListener("keydown", (event) => {
    if (!isCrop() || (!ARROWS[event.key] && !ZOOMS[event.key])) return;
    event.preventDefault();
    if (ZOOMS[event.key]) field("zoom").value = Number(field("zoom").value) + ZOOMS[event.key];
    move(...(ARROWS[event.key] ?? [0, 0]));
  });
  box.addEventListener("input", draw);
  box.addEventListener("frame:draw", draw);
  offerForAll(box, chosen, field);
  draw();
}

/** "Apply to all": every other picture of the row gets the same shape. */
function offerForAll(box, chosen, field) {
  const button = box.querySelector("[data-frame-all]");
  const others = () => [...box.closest("[data-item]").parentElement.querySelectorAll('[data-behaviour="frame"]')];
  const said = box.querySelector("[data-frame-said]");
  const offer = () => { button.hidden = others().length < 2; };
  box.addEventListener("toggle", offer); // pictures may have come and gone
  box.addEventListener("input", () => { said.textContent = ""; }); // no longer of all
  offer();
  button.addEventListener("click", () => {
    for (const other of others()) {
      for (const name of ["shape", "fit"]) {
        other.querySelector(`[name^="${name}_"][value="${chosen(name)}"]`).checked = true;
      }
      for (const name of ["x", "y", "zoom"]) other.querySelector(`[name^="${name}_"]`).value = field(name).value;
      other.dispatchEvent(new Event("frame:draw"));
    }
    said.textContent = said.dataset.done;
    button.dispatchEvent(new CustomEvent("pauta:changed", { bubbles: true }));
  });
}

/** Move a slider, not further than where the part touches the edge. */
function shift(slider, by, half) {
  slider.value = bounded(Number(slider.value) + by, Math.min(half, 0.5), Math.max(1 - half, 0.5));
}

function bounded(number, lowest, highest) {
  return Math.min(Math.max(number, lowest), highest);
}
