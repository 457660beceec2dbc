import start from "./mount.js";
import board from "./behaviours/board.js";

/** What the idea board needs besides app.js. */
start({ board });
