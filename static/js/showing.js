import start from "./mount.js";
import carousel from "./behaviours/carousel.js";
import mirror from "./behaviours/mirror.js";
import poll from "./behaviours/poll.js";

/** What a post's page and the list of posts need besides app.js. */
start({ carousel, mirror, poll });
