/**
 * <div data-behaviour="silence" data-account="id_account" data-plain="…">: closes the text field in it while the
 * chosen account cannot comment, and says why. data-reasons: JSON, account number to reason.
 *
 * A field with words in it stays open, so that they can be deleted. The server checks the same.
 */
export default function silence(element) {
  const account = document.getElementById(element.dataset.account);
  const field = element.querySelector("textarea");
  const hint = element.querySelector(".field__hint");
  const reasons = JSON.parse(element.dataset.reasons);
  const draw = () => {
    const reason = reasons[account.value];
    hint.textContent = reason ?? element.dataset.plain;
    field.disabled = Boolean(reason) && !field.value;
  };
  account.addEventListener("change", draw);
  draw();
}
