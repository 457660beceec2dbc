import start from "./mount.js";
import board from "./behaviours/board.js";
import calendar from "./behaviours/calendar.js";
import card_menu from "./behaviours/card_menu.js";
import live from "./behaviours/live.js";

/** What the calendar and the idea board need besides app.js. */
start({ board, calendar, card_menu, live });
