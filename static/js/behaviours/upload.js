/**
 * <label data-behaviour="upload">: shows what was chosen in [data-previews] and takes files that are dropped or pasted.
 *
 * The previews never leave the browser (blob: addresses); the files travel with the form.
 */
export default function upload(zone) {
  const field = zone.querySelector("input[type=file]");
  const previews = document.querySelector(zone.dataset.previews);
  let addresses = [];

  const draw = () => {
    addresses.forEach((address) => URL.revokeObjectURL(address));
    addresses = [...field.files].map((file) => URL.createObjectURL(file));
    previews.replaceChildren(...[...field.files].map((file, index) => preview(file, addresses[index])));
    previews.hidden = field.files.length === 0;
  };
  const take = (files) => {
    const all = new DataTransfer();
    for (const file of [...field.files, ...files]) all.items.add(file);
    field.files = all.files;
    draw();
  };

  field.addEventListener("change", draw);
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.dataset.over = ""; });
  zone.addEventListener("dragleave", () => delete zone.dataset.over);
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    delete zone.dataset.over;
    take(event.dataTransfer.files);
  });
  field.form.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) take(event.clipboardData.files);
  });
  if (field.files.length) draw(); // the browser kept them over a reload
}

function preview(file, address) {
  const item = document.createElement("li");
  const isVideo = file.type.startsWith("video/");
  const picture = document.createElement(isVideo ? "video" : "img");
  item.className = "waiting__item";
  picture.className = "waiting__picture";
  picture.src = address;
  if (isVideo) picture.muted = true;
  else picture.alt = "";
  // A picture this browser cannot show (HEIC) still goes; its name stands for it.
  picture.addEventListener("error", () => picture.remove());
  const name = document.createElement("span");
  name.className = "tile__name";
  name.textContent = file.name;
  item.append(picture, name);
  return item;
}
