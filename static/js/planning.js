import start from "./mount.js";
import board from "./behaviours/board.js";
import calendar from "./behaviours/calendar.js";

/** What the calendar and the idea board need besides app.js. */
start({ board, calendar });
