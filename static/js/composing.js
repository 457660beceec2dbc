import start from "./mount.js";
import autosave from "./behaviours/autosave.js";
import carousel from "./behaviours/carousel.js";
import composer from "./behaviours/composer.js";
import counter from "./behaviours/counter.js";
import cover from "./behaviours/cover.js";
import frame from "./behaviours/frame.js";
import hashtags from "./behaviours/hashtags.js";
import library from "./behaviours/library.js";
import mirror from "./behaviours/mirror.js";
import picks from "./behaviours/picks.js";
import pins from "./behaviours/pins.js";
import places from "./behaviours/places.js";
import reorder from "./behaviours/reorder.js";
import silence from "./behaviours/silence.js";
import tokens from "./behaviours/tokens.js";
import uploads from "./behaviours/uploads.js";

/** What the composer needs besides app.js. */
start({
  autosave, carousel, composer, counter, cover, frame, hashtags, library, mirror, picks,
  pins, places, reorder, silence, tokens, uploads,
});
