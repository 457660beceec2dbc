/**
 * <div data-behaviour="places" data-account="id_account">: the place of a post, chosen from a search.
 *
 * data-reasons: JSON, number of an account to why it cannot search; for such a one the page's number is typed. What is
 * sent stands in #id_location_id, and, with the number before it, what the place is called in #id_location_name.
 */
export default function places(box) {
  const account = document.getElementById(box.dataset.account);
  const reasons = JSON.parse(box.dataset.reasons);
  const number = box.querySelector("#id_location_id");
  const named = box.querySelector("#id_location_name");
  const search = box.querySelector("[type=search]");
  const hint = box.querySelector("[data-place-typed] .field__hint");
  const plain = hint?.textContent ?? "";
  const part = (name) => box.querySelector(`[data-place-${name}]`);

  function draw() {
    const [of, ...words] = named.value.split(" ");
    const reason = reasons[account.value];
    const searches = Boolean(account.value) && !reason;
    const isRight = /^\d+$/.test(number.value.trim());
    part("chosen").hidden = !isRight || !searches;
    part("search").hidden = isRight || !searches;
    part("typed").hidden = searches && (isRight || !number.value);
    part("words").textContent = (of === number.value && words.join(" ")) || box.dataset.unnamed.replace("{number}", number.value);
    if (hint) hint.textContent = reason ?? plain;
  }

  function choose(value, words) {
    number.value = value;
    named.value = words ? `${value} ${words}` : "";
    draw();
    number.dispatchEvent(new CustomEvent("pauta:changed", { bubbles: true }));
  }

  box.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-place]");
    if (chosen) {
      choose(chosen.dataset.place, chosen.dataset.words);
      search.value = "";
      document.getElementById("places").replaceChildren();
      part("drop").focus();
    }
    if (event.target.closest("[data-place-drop]")) {
      choose("", "");
      search.focus();
    }
  });
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // it looks, and sends no form
    window.htmx.trigger(search, "pauta:look");
  });
  // Words that are only looked for are no part of the post: nothing is saved or previewed for them.
  for (const name of ["input", "change"]) part("search").addEventListener(name, (event) => event.stopPropagation());
  account.addEventListener("change", draw);
  number.addEventListener("change", draw);
  draw();
}
