import mount from "./mount.js";
import autosave from "./behaviours/autosave.js";
import board from "./behaviours/board.js";
import calendar from "./behaviours/calendar.js";
import carousel from "./behaviours/carousel.js";
import composer from "./behaviours/composer.js";
import confirm from "./behaviours/confirm.js";
import copy from "./behaviours/copy.js";
import counter from "./behaviours/counter.js";
import forget from "./behaviours/forget.js";
import cover from "./behaviours/cover.js";
import frame from "./behaviours/frame.js";
import hashtags from "./behaviours/hashtags.js";
import library from "./behaviours/library.js";
import menu from "./behaviours/menu.js";
import mirror from "./behaviours/mirror.js";
import picks from "./behaviours/picks.js";
import pins from "./behaviours/pins.js";
import places from "./behaviours/places.js";
import poll from "./behaviours/poll.js";
import problems from "./behaviours/problems.js";
import reorder from "./behaviours/reorder.js";
import sheet from "./behaviours/sheet.js";
import silence from "./behaviours/silence.js";
import submit from "./behaviours/submit.js";
import toast from "./behaviours/toast.js";
import tokens from "./behaviours/tokens.js";
import upload from "./behaviours/upload.js";
import uploads from "./behaviours/uploads.js";
import { settle } from "./crash_copy.js";

/** Which behaviour belongs to which name in the markup. */
const behaviours = {
  autosave, board, calendar, carousel, composer, confirm, copy, counter, cover, forget, frame, hashtags, library, menu, mirror, picks,
  pins, places, poll, problems, reorder, sheet, silence, submit, toast, tokens, upload, uploads,
};

settle();
window.htmx.onLoad((root) => mount(root, behaviours));
mount(document.body, behaviours);
