/**
 * <dialog data-behaviour="confirm">: asks before a form marked `data-confirm` is sent.
 *
 * The form's data-confirm is the title, data-confirm-text the sentence, data-confirm-yes the button's word;
 * data-confirm-danger colours it. A button may carry them in the form's stead. Where data-confirm-by names a list of
 * the form, data-confirm-named is the title, with what is chosen there as {name}. Without JavaScript the form is just
 * sent.
 */
export default function confirm(dialog) {
  const [title, text, yes] = ["#confirm-title", "#confirm-text", "[data-yes]"].map((name) => dialog.querySelector(name));
  let asking = null;

  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    const words = submitter?.dataset.confirm ? submitter.dataset : form.dataset;
    if (!words.confirm || form === asking?.form) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    title.textContent = titled(words, form);
    text.textContent = words.confirmText ?? "";
    yes.textContent = words.confirmYes ?? words.confirm;
    yes.classList.toggle("button--danger", "confirmDanger" in words);
    yes.classList.toggle("button--primary", !("confirmDanger" in words));
    asking = { waiting: form, submitter };
    dialog.returnValue = "";
    dialog.showModal();
  }, true);

  dialog.addEventListener("close", () => {
    const { waiting, submitter } = asking ?? {};
    if (dialog.returnValue !== "yes" || !waiting?.isConnected) return;
    asking = { form: waiting };
    waiting.requestSubmit(submitter?.isConnected ? submitter : null);
    asking = null;
  });

  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
}

function titled(words, form) {
  const chosen = form.elements[words.confirmBy]?.selectedOptions?.[0];
  return chosen?.value ? words.confirmNamed.replace("{name}", () => chosen.text) : words.confirm;
}
