import start from "./mount.js";
import carousel from "./behaviours/carousel.js";
import confirm from "./behaviours/confirm.js";
import copy from "./behaviours/copy.js";
import forget from "./behaviours/forget.js";
import menu from "./behaviours/menu.js";
import mirror from "./behaviours/mirror.js";
import poll from "./behaviours/poll.js";
import problems from "./behaviours/problems.js";
import sheet from "./behaviours/sheet.js";
import shortcuts from "./behaviours/shortcuts.js";
import submit from "./behaviours/submit.js";
import toast from "./behaviours/toast.js";
import upload from "./behaviours/upload.js";
import { settle } from "./crash_copy.js";

/** What every page needs; composing.js and planning.js bring more where they are named. */
settle();
start({ carousel, confirm, copy, forget, menu, mirror, poll, problems, sheet, shortcuts, submit, toast, upload });
