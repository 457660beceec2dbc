import start from "./mount.js";
import upload from "./behaviours/upload.js";

/** What a page with a plain upload needs besides app.js. */
start({ upload });
