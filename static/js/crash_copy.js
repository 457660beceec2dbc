/** A form's words in this browser, until the server has them. Files are not among them, nor what belongs to one page. */
const NOT_KEPT = new Set(["csrfmiddlewaretoken", "version", "copy_at", "draft_key", "face", "face_of", "safe", "hashtags_into"]);

function words(form) {
  return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !NOT_KEPT.has(name));
}

export function keep(place, form) {
  try {
    localStorage.setItem(place, JSON.stringify(words(form)));
  } catch {
    // A full or closed store: the server's copy is the one that counts.
  }
}

export function drop(place) {
  localStorage.removeItem(place);
}

/** Tell whether there are words here that the form does not say. */
export function known(place, form) {
  const kept = localStorage.getItem(place);
  return kept !== null && kept !== JSON.stringify(words(form));
}

/** Put the words into the fields that the form has. */
export function restore(place, form) {
  for (const [name, value] of JSON.parse(localStorage.getItem(place))) {
    for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (field.type === "radio" || field.type === "checkbox") field.checked = field.value === value;
      else if (field.type !== "hidden" && field.type !== "file") field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
}

/** Remember that a form with these words is on its way. */
export function sent(place) {
  sessionStorage.setItem("pauta:sent", place);
}

/** On the next page: the post's own page shows that the words arrived. */
export function settle() {
  const place = sessionStorage.getItem("pauta:sent");
  sessionStorage.removeItem("pauta:sent");
  if (place && document.getElementById("post-live")) drop(place);
}

/** Leave nothing of anybody in a browser that was signed out on purpose. */
export function forgetAll() {
  for (const place of Object.keys(localStorage)) if (place.startsWith("pauta:")) localStorage.removeItem(place);
}
