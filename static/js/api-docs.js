/* Draws /api/docs/ from the schema that the page names. Requests carry the session's CSRF token. */
const place = document.getElementById("api-docs");
const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
const wish = document.documentElement.dataset.theme;
const system = window.matchMedia("(prefers-color-scheme: dark)");
const wear = () => {
  document.documentElement.classList.toggle("dark-mode", wish === "dark" || (wish !== "light" && system.matches));
};
system.addEventListener("change", wear);
wear();

window.SwaggerUIBundle({
  domNode: place,
  url: place.dataset.schema,
  deepLinking: true,
  tryItOutEnabled: false,
  persistAuthorization: false,
  validatorUrl: null,
  syntaxHighlight: false,
  requestInterceptor: (request) => {
    request.headers["X-CSRFToken"] = token();
    return request;
  },
});
