import start from "./mount.js";
import confirm from "./behaviours/confirm.js";
import copy from "./behaviours/copy.js";
import find from "./behaviours/find.js";
import forget from "./behaviours/forget.js";
import menu from "./behaviours/menu.js";
import problems from "./behaviours/problems.js";
import sheet from "./behaviours/sheet.js";
import shortcuts from "./behaviours/shortcuts.js";
import submit from "./behaviours/submit.js";
import toast from "./behaviours/toast.js";
import { settle } from "./crash_copy.js";

/** What every page needs; the pages name the other scripts of this folder where they need more. */
settle();
start({ confirm, copy, find, forget, menu, problems, sheet, shortcuts, submit, toast });
