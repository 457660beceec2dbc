import show from "../framed.js";

/**
 * <details data-behaviour="pins">: people tagged on a picture, as pins on it ([data-pins-view]) and as rows beside it.
 *
 * The lines of the text field are what is sent, "username x y" with x and y from 0 to 1; pins and rows are drawn from
 * a list read from it once. They stand on the picture in its chosen shape. A click places a pin; a pin moves by dragging or by its arrow keys. A film has rows only.
 */
const STEP = 0.01;
const ARROWS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };

export default function pins(box) {
  const lines = box.querySelector("[data-pins-lines] textarea");
  const view = box.querySelector("[data-pins-view]");
  const rows = box.querySelector("[data-pins-rows]");
  const row = box.querySelector("[data-pins-row]");
  let people = read(lines.value);

  function write() {
    lines.value = people.filter(({ name }) => name).map(({ name, x, y }) => [name, x, y].join(" ").trim()).join("\n");
    box.querySelector("[data-pins-names]").textContent = people.filter(({ name }) => name).map(({ name }) => `@${name}`).join(", ");
    lines.dispatchEvent(new CustomEvent("pauta:changed", { bubbles: true }));
  }

  function draw() {
    rows.replaceChildren(...people.map(drawRow));
    rows.hidden = people.length === 0;
    view?.querySelectorAll(".pin").forEach((pin) => pin.remove());
    if (view) view.append(...people.filter(({ x }) => x !== "").map(drawPin));
  }

  function drawRow(person) {
    const made = row.content.cloneNode(true).firstElementChild;
    const name = made.querySelector("[data-name]");
    name.value = person.name;
    name.addEventListener("input", () => {
      person.name = name.value.trim().replace(/^@/, "");
      label(person);
      write();
    });
    for (const field of made.querySelectorAll("[data-axis]")) {
      field.value = person[field.dataset.axis];
      field.addEventListener("input", () => {
        person[field.dataset.axis] = field.value;
        put(person);
        write();
      });
    }
    made.querySelector("[data-drop]").addEventListener("click", () => drop(person));
    person.row = made;
    return made;
  }

  function drawPin(person) {
    const pin = document.createElement("button");
    pin.type = "button";
    pin.className = "pin";
    pin.addEventListener("pointerdown", (event) => pin.setPointerCapture(event.pointerId));
    pin.addEventListener("pointermove", (event) => {
      if (pin.hasPointerCapture(event.pointerId)) move(person, event.movementX / view.clientWidth, event.movementY / view.clientHeight);
    });
    pin.addEventListener("keydown", (event) => {
      if (event.key === "Delete") drop(person);
      if (!ARROWS[event.key]) return;
      event.preventDefault();
      move(person, ...ARROWS[event.key]);
    });
    person.pin = pin;
    put(person);
    label(person);
    return pin;
  }

  function label(person) {
    if (person.pin) person.pin.textContent = `@${person.name}`;
  }

  function put({ pin, x, y }) {
    if (!pin) return;
    pin.style.left = `${x * 100}%`;
    pin.style.top = `${y * 100}%`;
  }

  function move(person, across, down) {
    person.x = bounded(Number(person.x) + across);
    person.y = bounded(Number(person.y) + down);
    put(person);
    for (const field of person.row.querySelectorAll("[data-axis]")) field.value = person[field.dataset.axis];
    write();
  }

  function add(place) {
    people.push({ name: "", ...place });
    draw();
    rows.lastElementChild.querySelector("[data-name]").focus();
  }

  function drop(person) {
    people.splice(people.indexOf(person), 1);
    draw();
    write();
    (rows.querySelector("[data-name]") ?? adder).focus();
  }

  const adder = box.querySelector("[data-pins-add]");
  adder.addEventListener("click", () => add(view ? { x: 0.5, y: 0.5 } : { x: "", y: "" }));
  view?.addEventListener("click", (event) => {
    if (event.target.closest(".pin")) return;
    const { left, top } = view.getBoundingClientRect();
    add({ x: bounded((event.clientX - left) / view.clientWidth), y: bounded((event.clientY - top) / view.clientHeight) });
  });
  if (view) box.closest("[data-item]").addEventListener("frame:drawn", ({ detail }) => show(view, detail));
  lines.addEventListener("input", () => { // written by something else than these rows
    people = read(lines.value);
    draw();
  });
  box.querySelector("[data-pins-lines]").hidden = true;
  for (const part of [adder, box.querySelector("[data-pins-hint]"), view]) part?.removeAttribute("hidden");
  draw();
  box.querySelector("[data-pins-names]").textContent = people.map(({ name }) => `@${name}`).join(", ");
}

function read(text) {
  const lines = text.split("\n").map((line) => line.trim().replaceAll(";", " ").split(/\s+/)).filter(([name]) => name);
  return lines.map(([name, x = "", y = ""]) => ({ name: name.replace(/^@/, ""), x: x.replace(",", "."), y: y.replace(",", ".") }));
}

/** From 0 to 1, in hundredths. */
function bounded(number) {
  return Math.round(Math.min(Math.max(number, 0), 1) * 100) / 100;
}
