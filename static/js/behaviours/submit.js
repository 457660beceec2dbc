/** <form data-behaviour="submit">: cannot be sent twice by a double click; comes back to life when the page does. */
export default function submit(form) {
  const buttons = () => form.querySelectorAll("button:not([type=button])");
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    // After the browser took the button's value along.
    setTimeout(() => buttons().forEach((button) => { button.disabled = true; }));
  });
  window.addEventListener("pageshow", () => buttons().forEach((button) => { button.disabled = false; }));
}
