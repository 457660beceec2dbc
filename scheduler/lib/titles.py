"""A short name for what people wrote."""

import re

# Blanks, and what a page does not draw: soft hyphens, joiners, fillers, direction marks, tags.
_UNSEEN = (
    r"\s\xad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff"
)
_seen = re.compile(f"[^{_UNSEEN}]")
# What turns the direction of all that follows, also of the sentence that a name stands in.
_turns = re.compile("[\u202a-\u202e\u2066-\u2069]")
# A title is never made of more.
_LOOKED_AT = 300


def first_words(text: str, most: int) -> str:
    """Return the first line that shows anything, cut to `most` characters; "" when none does."""
    line = next((one for one in text.strip().split("\n") if _seen.search(one)), "")
    words = _turns.sub("", line.strip()[:_LOOKED_AT])
    return f"{words[: most - 3]}…" if len(words) > most else words
