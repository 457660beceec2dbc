import start from "./mount.js";
import selection from "./behaviours/selection.js";

/** What a list needs besides app.js whose rows have boxes. */
start({ selection });
