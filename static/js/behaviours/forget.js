import { forgetAll } from "../crash_copy.js";

/** <form data-behaviour="forget">: signs out, and takes along the words that this browser kept. */
export default function forget(form) {
  form.addEventListener("submit", forgetAll);
}
