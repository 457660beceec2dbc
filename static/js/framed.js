/**
 * Show a picture in a view as its shape keeps it.
 *
 * framed: {ratio, paper, box: [size, left, top]}, the picture's width and its corner in parts of the view; null for the
 * picture as it is. The view's only picture is its first image.
 */
export default function show(view, framed) {
  const picture = view.querySelector("img");
  const [size, left, top] = framed?.box ?? [];
  view.style.aspectRatio = framed?.ratio ?? "";
  view.toggleAttribute("data-framed", Boolean(framed));
  view.dataset.paper = framed?.paper ?? "crop";
  picture.style.inlineSize = framed ? `${size * 100}%` : "";
  picture.style.left = framed ? `${left * 100}%` : "";
  picture.style.top = framed ? `${top * 100}%` : "";
  view.style.setProperty("--picture", `url("${picture.src}")`);
}
