/**
 * <div data-behaviour="picks" data-account="id_account" data-picks="{pk: [{words, day, clock, zone}]}">: buttons that
 * fill day, time and zone in. Those in the markup are for every account; the chosen account's own come before them.
 */
export default function picks(box) {
  const account = document.getElementById(box.dataset.account);
  const known = JSON.parse(box.dataset.picks);
  const own = box.querySelector("[data-own]");
  const draw = () => own.replaceChildren(...(known[account.value] ?? []).map(button));
  box.hidden = false;
  box.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-day]");
    if (!chosen) return;
    fill("id_day", chosen.dataset.day);
    fill("id_clock", chosen.dataset.clock);
    fill("id_timezone", chosen.dataset.zone);
  });
  account.addEventListener("change", draw);
  draw();
}

function button({ words, day, clock, zone }) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "chip";
  made.textContent = words;
  Object.assign(made.dataset, { day, clock, zone });
  return made;
}

function fill(id, value) {
  const field = document.getElementById(id);
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
