"""Lists of posts as a file that a spreadsheet opens, and nothing in it runs."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as some

from scheduler.lib import csv_columns, csv_table
from scheduler.models import Status

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "'=1", "''=1", "'"]


def rows_of(answer):
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    separator = csv_table.separator_of(text)
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=separator))


@pytest.fixture
def alices(client, alice):
    client.force_login(alice)
    return client


def test_the_posts_of_a_tab_are_exported_as_they_are_narrowed(alices, make_post, noon):
    make_post(at=noon + timedelta(days=1), caption="Fresh bread")
    make_post(at=noon + timedelta(days=2), caption="Cake")
    make_post(caption="Bread, not yet")
    [row] = rows_of(alices.get(reverse("post-export"), {"tab": "scheduled", "q": "bread"}))
    assert row["Caption"] == "Fresh bread"
    assert (row["Date"], row["Time"], row["Time zone"]) == ("2026-11-23", "12:00", "UTC")
    assert row["Time (UTC)"] == "2026-11-23T12:00:00Z"
    assert row["Status"] == "scheduled"


def test_the_calendars_list_is_exported_with_its_filters(alices, make_post, make_account, noon):
    shop = make_account()
    make_post(at=noon + timedelta(days=1), account=shop, caption="Shop")
    make_post(at=noon + timedelta(days=1), caption="Bakery")
    answer = alices.get(reverse("calendar-export"), {"date": "2026-11-22", "account": shop.pk})
    assert [row["Caption"] for row in rows_of(answer)] == ["Shop"]


@pytest.mark.parametrize("name", ["post-list", "calendar"])
def test_the_page_offers_the_file_with_its_filters(alices, make_post, noon, name):
    make_post(at=noon + timedelta(days=30), caption="bread")
    page = alices.get(reverse(name), {"view": "list", "q": "bread", "date": "2026-11-22"}).content.decode()
    assert "Export CSV" in page
    assert f"{reverse(name.replace('list', 'export') if name == 'post-list' else 'calendar-export')}?" in page
    assert "q=bread" in page.split("Export CSV")[0].rpartition("href=")[2]


def test_a_stranger_gets_nothing_of_it(client, charlie, make_post, noon):
    make_post(at=noon + timedelta(days=1))
    client.force_login(charlie)
    assert rows_of(client.get(reverse("post-export"))) == []


def test_what_came_of_a_post_is_told(alices, make_post, noon):
    post = make_post()
    type(post).objects.filter(pk=post.pk).update(
        status=Status.PUBLISHED,
        published_at=noon,
        permalink="https://www.instagram.com/p/x/",
        last_error="RATE_LIMITED",
    )
    [row] = rows_of(alices.get(reverse("post-export"), {"tab": "published"}))
    assert row["Link on Instagram"] == "https://www.instagram.com/p/x/"
    assert row["Published (UTC)"] == "2026-11-22T12:00:00Z"
    assert row["Last error"] == "RATE_LIMITED"


def test_brazil_gets_its_own_headings_and_separator(alices, alice, make_post, noon):
    alice.language = "pt-br"
    alice.save()
    make_post(at=noon + timedelta(days=1))
    answer = alices.get(reverse("post-export"), headers={"Accept-Language": "pt-br"})
    content = b"".join(answer.streaming_content)
    assert content.startswith('\ufeff"Conta";"Data"'.encode())


@pytest.mark.parametrize("cell", FORMULAS)
def test_no_cell_is_a_formula_and_each_comes_back(alices, make_post, cell):
    make_post(caption=cell, scheduled=False)
    [row] = rows_of(alices.get(reverse("post-export"), {"tab": "drafts"}))
    assert not row["Caption"].startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert csv_table.restored(row["Caption"]) == cell


@given(some.text())
def test_every_text_comes_back_from_its_cell(text):
    assert csv_table.restored(csv_table.defused(text)) == text


@given(some.lists(some.text(), min_size=1).filter(lambda parts: parts != [""]))
def test_several_texts_come_back_from_one_cell(parts):
    assert csv_table.parted(csv_table.joined(parts)) == parts


def test_as_many_queries_for_20_posts_as_for_one(alices, make_post, noon, django_assert_num_queries):
    for hours in range(1, 21):
        make_post(at=noon + timedelta(hours=hours))
    with django_assert_num_queries(5):
        rows = rows_of(alices.get(reverse("post-export")))
    assert len(rows) == 20


def test_no_heading_names_two_columns():
    for language in ("en", "pt-br"):
        headings = [csv_columns.heading(name, language) for name in csv_columns.EXPORTED]
        assert csv_columns.guessed(headings) == csv_columns.EXPORTED
