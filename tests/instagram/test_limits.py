"""Every number in one place, and how captions are counted."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.instagram import limits


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CAPTION_CHARS", 2200),
        ("HASHTAGS", 30),
        ("HASHTAGS_ADVISED", 5),
        ("MENTIONS", 20),
        ("CAROUSEL_MIN", 2),
        ("CAROUSEL_MAX", 10),
        ("IMAGE_BYTES", 8 * 1024 * 1024),
        ("IMAGE_WIDTH_MIN", 320),
        ("IMAGE_WIDTH_MAX", 1440),
        ("RATIO_MIN", 0.8),
        ("RATIO_MAX", 1.91),
        ("VIDEO_BYTES", 100_000_000),
        ("VIDEO_SECONDS_MIN", 3),
        ("VIDEO_SECONDS_MAX", 900),
        ("STORY_SECONDS_MAX", 59.9),
        ("POSTS_PER_DAY", 25),
        ("CONTAINERS_PER_DAY", 400),
        ("CONTAINER_LIFETIME", timedelta(hours=24)),
        ("ALT_TEXT_CHARS", 1000),
        ("COLLABORATORS", 3),
        ("USER_TAGS", 20),
    ],
)
def test_a_limit_is_the_stricter_of_ours_and_instagrams(name, value):
    assert getattr(limits, name) == value


@pytest.mark.parametrize(
    ("text", "length"), [("", 0), ("pão", 3), ("a\nb", 3), ("🍞", 2), ("👩‍🍳", 5), ("e\u0301", 2), ("\ud800", 1)]
)
def test_a_caption_is_counted_in_utf_16_units(text, length):
    assert limits.caption_length(text) == length


@given(st.text(st.characters()))
def test_a_caption_is_never_counted_shorter_than_its_code_points(text):
    assert len(text) <= limits.caption_length(text) <= 2 * len(text)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("", []),
        ("#pão de #Queijo2 #são_joão", ["pão", "Queijo2", "são_joão"]),
        ("#a,#b.#c", ["a", "b", "c"]),
        ("C# and # and #1", []),
        ("&#39;", []),
        ("#\n#x", ["x"]),
    ],
)
def test_hashtags_are_found(text, tags):
    assert limits.hashtags(text) == tags


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ("with @ana and @bia.lima!", ["ana", "bia.lima"]),
        ("write to ana@example.com", []),
        ("(@ana)", ["ana"]),
        ("@ana.", ["ana"]),
        ("@@ana", []),
        ("@", []),
    ],
)
def test_mentions_are_found(text, names):
    assert limits.mentions(text) == names
