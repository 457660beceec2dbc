"""What a post is called, whatever its caption is made of."""

import pytest

from scheduler.lib.titles import first_words
from scheduler.models import ScheduledPost


@pytest.mark.parametrize(
    ("caption", "title"),
    [
        ("Fresh bread", "Fresh bread"),
        ("  \n\r\n Fresh bread \r\nfrom seven on", "Fresh bread"),
        ("🍞" * 2200, "🍞" * 57 + "…"),
        ("x" * 60, "x" * 60),
        ("\u200b\ufeff\u2060\nFresh bread", "Fresh bread"),
        # What nobody sees is no title.
        ("", ""),
        ("\u200b\u200d", ""),
        ("\u3164 \u2800 \u00ad", ""),
        # A direction that is turned in a caption is not turned in the sentence that names it.
        ("\u202eFresh bread", "Fresh bread"),
        ("Fresh \u2066bread", "Fresh bread"),
        ("خبز طازج", "خبز طازج"),
        ('<b>Fresh</b> & "bread" \'', '<b>Fresh</b> & "bread" \''),
    ],
)
def test_a_title_is_the_first_line_that_shows_anything(caption, title):
    assert first_words(caption, 60) == title


def test_a_post_whose_words_nobody_sees_is_called_by_its_type():
    assert ScheduledPost(caption="\u200b", media_type="REELS").title == "Reel"
