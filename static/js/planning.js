import start from "./mount.js";
import ahead from "./behaviours/ahead.js";
import calendar from "./behaviours/calendar.js";
import card_menu from "./behaviours/card_menu.js";
import live from "./behaviours/live.js";
import rail from "./behaviours/rail.js";

/** What the calendar needs besides app.js. */
start({ ahead, calendar, card_menu, live, rail });
