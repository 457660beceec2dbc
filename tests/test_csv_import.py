"""Posts from a file: what is said of each row, and that all good ones are saved at once, and once."""

import csv
import io
from datetime import date, datetime, time, timedelta
from pathlib import Path

import hypothesis
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as some

from scheduler.forms import csv_import
from scheduler.forms.csv_import import BringForm
from scheduler.lib import csv_columns, csv_table, csv_times
from scheduler.lib.csv_table import Unreadable
from scheduler.models import CsvImport, HoldReason, PostChange, ScheduledPost, Status, Undo
from scheduler.services import csv_export, undoing
from tests.conftest import NOON

ADDRESS = "https://example.com/bread.jpg"
HEADINGS = "account,date,time,caption,media\n"


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def bakery(make_account):
    return make_account(instagram_username="alice.bakery")


@pytest.fixture
def alices(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def bring(alice, bakery):
    """Look a file over as the page does; `choices` say how it is read."""

    def look(text, **choices):
        form = BringForm({"text": text if isinstance(text, str) else text.decode()})
        assert form.is_valid(), form.errors
        brought = form.save_for(alice, NOON)
        said = csv_import.Choices(**brought.choices | {"becomes": "scheduled"} | choices)
        csv_import.look(brought, said, NOON)
        return brought

    return look


def told(brought):
    return [(column, text) for one in brought.verdicts for column, _level, text in one["told"]]


def levels(brought):
    return [one["level"] for one in brought.verdicts]


def row(account="alice.bakery", day="2026-12-01", clock="18:30", caption="Bread", media=ADDRESS):
    return f'{account},{day},{clock},"{caption}",{media}\n'


# --- Reading ------------------------------------------------------------------------------------------------------
ODD = {
    "": "EMPTY",
    "\ufeff\n\n": "EMPTY",
    "account,date\n": "NO_ROWS",
    "a,b\n\n,\n": "NO_ROWS",
    "a\n" + "x\n" * 5001: "TOO_MANY_ROWS",
    "," * 100 + "a\nx": "TOO_MANY_COLUMNS",
    'a\n"' + "x" * 140_000: "BROKEN",
    "a\nx\0y": "BINARY",
}


@pytest.mark.parametrize("text", ODD, ids=lambda text: ODD[text])
def test_what_is_no_table_says_why(text):
    with pytest.raises(Unreadable) as wrong:
        csv_table.read_table(text.encode())
    assert wrong.value.code == ODD[text]


@pytest.mark.parametrize("content", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0rest"])
def test_a_workbook_is_told_from_a_file_of_text(content):
    with pytest.raises(Unreadable, match="WORKBOOK"):
        csv_table.read_table(content)


def test_a_file_of_50_mb_is_refused_before_it_is_read(alices):
    file = SimpleUploadedFile("plan.csv", b"a\n" + b"x" * 50_000_000)
    answer = alices.post(reverse("post-import"), {"file": file})
    assert answer.status_code == 422
    assert "larger than 10 MB" in answer.content.decode()
    assert not CsvImport.objects.exists()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_every_encoding_and_separator_is_recognised(separator, encoding):
    text = f'legenda{separator}data\r\n"Pão, café; e\nbolo"{separator}24/12/2026\r\n'
    table = csv_table.read_table(text.encode(encoding))
    assert table.headings == ["legenda", "data"]
    assert table.rows == [(2, ["Pão, café; e\nbolo", "24/12/2026"])]


@pytest.mark.parametrize(
    ("words", "order", "day"),
    [
        ("2026-12-24", "", date(2026, 12, 24)),
        ("2026/12/24", "", date(2026, 12, 24)),
        ("24/12/2026", "", date(2026, 12, 24)),
        ("12/24/2026", "", date(2026, 12, 24)),
        ("24.12.26", "", date(2026, 12, 24)),
        ("05/06/2026", "dmy", date(2026, 6, 5)),
        ("05/06/2026", "mdy", date(2026, 5, 6)),
        ("05/05/2026", "", date(2026, 5, 5)),
        ("29/02/2028", "", date(2028, 2, 29)),
    ],
)
def test_days_are_read_as_people_write_them(words, order, day):
    assert csv_times.read_day(words, order) == day


@pytest.mark.parametrize("words", ["2026-02-30", "31/31/2026", "tomorrow", "1/2", "29/02/2027"])
def test_what_is_no_day_is_refused(words):
    with pytest.raises(ValueError, match=r".*"):
        csv_times.read_day(words, "dmy")


@pytest.mark.parametrize(
    ("words", "clock"),
    [
        ("18:30", time(18, 30)),
        ("18:30:00", time(18, 30)),
        ("6:30 PM", time(18, 30)),
        ("6:30 p.m.", time(18, 30)),
        ("6pm", time(18)),
        ("12:05 AM", time(0, 5)),
        ("12 pm", time(12)),
        ("18h30", time(18, 30)),
        ("9h", time(9)),
    ],
)
def test_times_are_read_as_people_write_them(words, clock):
    assert csv_times.read_clock(words) == clock


@pytest.mark.parametrize("words", ["25:00", "13:00 PM", "9", "noon", "18:61", ""])
def test_what_is_no_time_is_refused(words):
    with pytest.raises(ValueError, match=r".*"):
        csv_times.read_clock(words)


# --- Verdicts -----------------------------------------------------------------------------------------------------
def test_a_good_row_is_said_to_be_fine_and_nothing_is_saved(bring):
    brought = bring(HEADINGS + row())
    assert levels(brought) == ["ok"]
    assert brought.verdicts[0]["time"] == "2026-12-01T21:30:00+00:00"  # São Paulo's 18:30
    assert not ScheduledPost.objects.exists()


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        (row(account="someone"), "account", "No account of yours is called @someone."),
        (row(account=""), "account", ""),
        (row(day="soon"), "date", "“soon” is no date."),
        (row(day=""), "date", "Choose a day and a time."),
        (row(clock="late"), "time", "“late” is no time."),
        (row(day="2026-11-01"), "time", "That time has passed."),
        (row(day="1999-01-01"), "date", "Choose a year from 2000 to 2099."),
        (row(media=""), "media", ""),
        (row(media="photo.jpg"), "media", "No file of your media is called “photo.jpg”."),
        (row(media="http://127.0.0.1/x.jpg"), "media", ""),
        (row(caption="x" * 2300), "caption", ""),
        (row().rstrip("\n") + ",more\n", "", "more cells"),
    ],
)
def test_a_row_that_cannot_go_out_says_why_and_where(bring, line, column, words):
    brought = bring(HEADINGS + line, account=None)
    assert levels(brought) == ["refused"]
    assert any(column == where and words in text for where, text in told(brought))


def test_a_draft_may_lack_what_stops_a_post(bring):
    brought = bring(HEADINGS + row(day="", clock="", media=""), becomes="draft")
    assert levels(brought) == ["warning"]


def test_days_that_can_be_read_in_two_ways_are_asked_about(bring, alices):
    brought = bring(HEADINGS + row(day="05/12/2026"))
    assert levels(brought) == ["refused"]
    page = alices.get(reverse("post-import-check", args=[brought.pk])).content.decode()
    assert "Dates like 05/06/2026 can be read in two ways." in page
    assert bring(HEADINGS + row(day="05/12/2026"), order="dmy").verdicts[0]["time"][:10] == "2026-12-05"


def test_one_clear_day_tells_how_all_are_meant(bring):
    brought = bring(HEADINGS + row(day="05/12/2026") + row(day="24/12/2026"))
    assert [one["time"][:10] for one in brought.verdicts] == ["2026-12-05", "2026-12-24"]


def test_a_clock_that_changes_is_told(bring):
    text = "date,time,zone,media\n2027-03-14,02:30,America/New_York,{0}\n2027-11-07,01:30,America/New_York,{0}\n"
    brought = bring(text.format(ADDRESS))
    assert [text.split(":")[0][-2:] for _column, text in told(brought)] == ["2", "1"]
    assert levels(brought) == ["warning", "warning"]


def test_rows_too_close_to_each_other_and_to_posts_are_told(bring, bakery, make_post):
    make_post(at=NOON + timedelta(days=9, hours=9, minutes=25), account=bakery)
    brought = bring(HEADINGS + row() + row(clock="18:40", caption="Cake") + row(clock="23:00", caption="Pie"))
    assert levels(brought) == ["warning", "warning", "ok"]


def test_too_many_in_a_day_are_told_as_on_the_page(bring):
    clocks = [f"{hour:02}:{minute}" for hour in range(9, 22) for minute in ("00", "30")]
    lines = [row(clock=clock, caption=clock) for clock in clocks]
    brought = bring(HEADINGS + "".join(lines))
    assert sum("would pass the limit of 25" in text for _column, text in told(brought)) == 1


def test_what_stands_twice_or_is_here_already_is_refused(bring):
    text = HEADINGS + row() + row()
    brought = bring(text)
    assert levels(brought) == ["warning", "refused"]
    assert told(brought)[-1] == ("", "This is the same as row 2.")
    assert csv_import.save(brought, NOON)
    again = bring(text)
    assert levels(again) == ["refused", "refused"]
    assert "refused" not in levels(bring(text, again=True))


def test_a_strangers_account_is_as_if_it_were_not_there(bring, make_account, charlie):
    make_account(owner=charlie, instagram_username="charlie.cafe")
    brought = bring(HEADINGS + row(account="charlie.cafe"))
    assert told(brought)[0] == ("account", "No account of yours is called @charlie.cafe.")


def test_files_of_the_library_are_named_by_name_or_number(bring, make_picture, charlie):
    mine, other, twin = make_picture(), make_picture(owner=charlie), make_picture()
    type(twin).objects.filter(pk=twin.pk).update(original_name="twin.jpg")
    type(mine).objects.create(
        user=mine.user, kind="image", sha256="t" * 64, original_name="twin.jpg", content_type="image/jpeg",
        size_bytes=1, width=1, height=1, file="x",
    )  # fmt: skip
    names = [mine.original_name, f"{mine.original_name}#{mine.pk}", f"#{twin.pk}", "twin.jpg", f"#{other.pk}"]
    lines = [row(clock=f"{9 + n}:00", media=name) for n, name in enumerate(names)]
    brought = bring(HEADINGS + "".join(lines), again=True)
    assert [level == "refused" for level in levels(brought)] == [False, False, False, True, True]


# --- Saving -------------------------------------------------------------------------------------------------------
def test_good_rows_are_saved_in_one_go_and_the_rest_is_told(bring, alices):
    brought = bring(HEADINGS + row() + row(account="nobody") + row(day="2026-12-02", caption="Cake\nand tea"))
    address = reverse("post-import-check", args=[brought.pk])
    page = alices.post(address, {"act": "import"}, follow=True).content.decode()
    assert "2 posts imported." in page
    assert sorted(ScheduledPost.objects.values_list("caption", flat=True)) == ["Bread", "Cake\nand tea"]
    post = ScheduledPost.objects.get(caption="Bread")
    assert (post.status, post.next_attempt_at, post.check_at) == (Status.SCHEDULED, post.scheduled_for, NOON)
    assert (post.planned_day, post.planned_time) == (date(2026, 12, 1), time(18, 30))
    assert post.timezone == "America/Sao_Paulo"
    assert set(PostChange.objects.filter(post=post).values_list("act", flat=True)) == {"created", "scheduled"}
    refused = b"".join(alices.get(reverse("post-import-refused", args=[brought.pk])).streaming_content)
    [left] = csv.DictReader(io.StringIO(refused.decode("utf-8-sig")))
    assert left["account"] == "nobody"
    assert left["Reason"] == "No account of yours is called @nobody."


def test_sent_twice_it_imports_once(bring, alices):
    brought = bring(HEADINGS + row())
    for _click in range(2):
        alices.post(reverse("post-import-check", args=[brought.pk]), {"act": "import"})
    assert ScheduledPost.objects.count() == 1
    assert csv_import.save(brought, NOON) is False


def test_all_or_none_is_saved(bring, monkeypatch):
    brought = bring(HEADINGS + row() + row(day="2026-12-02"))

    def fails(*_, **__):
        raise RuntimeError

    monkeypatch.setattr(Undo, "offer", fails)
    with pytest.raises(RuntimeError):
        csv_import.save(brought, NOON)
    assert not ScheduledPost.objects.exists()
    brought.refresh_from_db()
    assert brought.imported_at is None


def test_one_undo_takes_all_back_but_what_was_changed_since(bring, alice):
    brought = bring(HEADINGS + row() + row(day="2026-12-02") + row(day="2026-12-03", clock="", caption="x"))
    csv_import.save(brought, NOON)
    changed = ScheduledPost.objects.order_by("pk").first()
    changed.unschedule(now=NOON)
    back = undoing.take_back(alice, brought.undo.token, NOON)
    assert list(ScheduledPost.objects.for_user(alice)) == [changed]
    assert back.words == "1 imported post deleted. What was changed or sent since stays as it is."


def test_the_posts_of_a_paused_account_wait(bring, bakery):
    bakery.paused_at = NOON
    bakery.save()
    csv_import.save(bring(HEADINGS + row()), NOON)
    post = ScheduledPost.objects.get()
    assert (post.status, post.hold_reason, post.wake_at) == (Status.SCHEDULED, HoldReason.PAUSED, None)


def test_as_many_queries_for_200_rows_as_for_20(bring, django_assert_max_num_queries):
    lines = [row(day=f"2027-{1 + n // 28:02}-{1 + n % 28:02}", caption=str(n)) for n in range(200)]
    with django_assert_max_num_queries(30):
        brought = bring(HEADINGS + "".join(lines))
    assert "refused" not in levels(brought)
    with django_assert_max_num_queries(60):
        csv_import.save(brought, NOON)
    assert ScheduledPost.objects.count() == 200


def test_a_file_is_forgotten_after_a_day(bring):
    brought = bring(HEADINGS + row())
    CsvImport.forget(NOON + timedelta(hours=23))
    assert CsvImport.objects.filter(pk=brought.pk).exists()
    CsvImport.forget(NOON + timedelta(hours=25))
    assert not CsvImport.objects.exists()


# --- The pages ----------------------------------------------------------------------------------------------------
def test_a_file_is_brought_read_otherwise_and_imported_without_scripts(alices, bakery):
    text = "Legenda;Data;Hora;O quê\r\nPão;24/12/2026;18h30;=1+1\r\n"
    file = SimpleUploadedFile("plano.csv", text.encode("cp1252"))
    answer = alices.post(reverse("post-import"), {"file": file}, follow=True)
    page = answer.content.decode()
    assert "1 post can be imported." in page
    assert "Not imported: O quê" in page.replace("</span>", "").replace("  ", " ")
    address = answer.redirect_chain[-1][0]
    columns = {f"column_{number}": name for number, name in enumerate(["caption", "date", "time", "notes"])}
    said = columns | {"becomes": "draft", "account": "", "timezone": "UTC", "order": ""}
    alices.post(address, said)
    alices.post(address, {"act": "import"})
    post = ScheduledPost.objects.get()
    assert (post.caption, post.notes, post.status, post.instagram_account) == ("Pão", "=1+1", Status.DRAFT, None)
    assert (post.planned_time, post.timezone) == (time(18, 30), "UTC")


def test_two_columns_for_the_same_are_refused(alices, bring):
    brought = bring("caption,caption,x\na,b,c\n")
    assert brought.choices["columns"] == ["caption", "", ""]
    said = {"becomes": "draft", "timezone": "UTC", "column_0": "caption", "column_1": "caption"}
    assert alices.post(reverse("post-import-check", args=[brought.pk]), said).status_code == 422


def test_only_rows_with_problems_are_shown_on_demand(alices, bring):
    brought = bring(HEADINGS + row(caption="Good") + row(account="nobody", caption="Bad"))
    page = alices.get(reverse("post-import-check", args=[brought.pk]), {"only": "problems"}).content.decode()
    assert "Bad" in page
    assert "Good" not in page


def test_the_template_is_good_as_it_is(alices, make_account):
    make_account(instagram_username="my.bakery")
    content = b"".join(alices.get(reverse("post-import-template")).streaming_content)
    answer = alices.post(reverse("post-import"), {"text": content.decode("utf-8-sig")}, follow=True)
    assert "1 post can be imported." in answer.content.decode()


@pytest.mark.parametrize("name", ["post-import-check", "post-import-refused"])
def test_a_strangers_file_does_not_exist(client, charlie, bring, name):
    brought = bring(HEADINGS + row())
    client.force_login(charlie)
    assert client.get(reverse(name, args=[brought.pk])).status_code == 404


# --- There and back -----------------------------------------------------------------------------------------------
WORDS = some.text(some.characters(exclude_categories=["Cs", "Cc"]) | some.just("\n"), max_size=60)


def facts(post):
    names = ("instagram_account_id", "media_type", "caption", "media_urls", "first_comment", "notes", "options")
    names += ("cover_id", "planned_day", "planned_time", "timezone", "scheduled_for", "status", "next_attempt_at")
    places = post.media.values_list("asset", "position", "alt_text", "options", "framing")
    return [getattr(post, name) for name in names], list(places)


def exported_and_imported(posts, alice):
    """Export these, delete them, import the file; return what came of it in the same order."""
    content = b"".join(csv_export.export(ScheduledPost.objects.for_user(alice).order_by("pk")))
    ScheduledPost.objects.update(deleted_at=NOON)
    form = BringForm({"text": content.decode("utf-8-sig")})
    assert form.is_valid(), form.errors
    brought = form.save_for(alice, NOON)
    assert "refused" not in levels(brought), told(brought)
    csv_import.save(brought, NOON)
    return list(ScheduledPost.objects.for_user(alice).order_by("pk"))


@hypothesis.settings(max_examples=25, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
@given(
    WORDS,
    WORDS.map(str.strip),  # notes and alt texts are kept without the space around them, as in the editor
    some.lists(WORDS.map(str.strip), min_size=2, max_size=2),
    some.integers(0, 23),
    some.sampled_from(["scheduled", "draft"]),
)
def test_what_is_exported_comes_back_as_it_was(alice, bakery, make_post, caption, notes, alts, hour, status):
    with transaction.atomic():
        post = make_post(
            account=bakery,
            media=2,
            media_type="CAROUSEL",
            caption=caption,
            notes=notes,
            options={"collaborators": ["maria", "joao"], "location_id": "123456789012345", "location_name": "Rua 1"},
        )
        for place, alt in zip(post.media.all(), alts, strict=True):
            place.alt_text, place.options = alt, {"user_tags": [{"username": "ana", "x": 0.5, "y": 0.25}]}
            place.save()
        post.plan(datetime.combine(date(2026, 12, 1), time(hour, 30)), "America/Sao_Paulo")
        post.save()
        if status == "scheduled":
            post.schedule(now=NOON)
        before = facts(post)
        [again] = exported_and_imported([post], alice)
        assert facts(again) == before
        transaction.set_rollback(True)


def test_a_reel_and_addresses_come_back_too(alice, bakery, make_post, make_picture):
    reel = make_post(account=bakery, media=0, media_type="REELS", scheduled=False, options={
        "share_to_feed": False, "audio_name": "Song", "thumb_offset": 1500, "trial_reel": True,
    })  # fmt: skip
    reel.media.create(asset=make_picture(kind="video"), position=0)
    made = make_post(account=bakery, media=0, scheduled=False, media_urls=[ADDRESS], caption="'=1")
    before = [facts(reel), facts(made)]
    assert [facts(one) for one in exported_and_imported([reel, made], alice)] == before


def test_the_example_of_the_document_is_true(bring, make_account):
    make_account(instagram_username="my.bakery")
    document = (Path(__file__).parents[1] / "docs" / "csv.md").read_text()
    example = document.partition("```csv\n")[2].partition("```")[0]
    brought = bring(example)
    assert levels(brought) == ["ok", "ok", "refused"]
    assert "no-such-file.jpg" in told(brought)[0][1]


def test_the_document_names_every_column():
    document = (Path(__file__).parents[1] / "docs" / "csv.md").read_text()
    for name in csv_columns.READ:
        assert f"| {csv_columns.heading(name, 'en')} | {csv_columns.heading(name, 'pt-br')} |" in document


def test_captions_that_differ_in_the_middle_are_the_same_to_a_person(bring, make_picture):
    picture = make_picture()
    words, media = "Fresh bread every morning, number {} of the week", f"#{picture.pk}"
    lines = [row(day=f"2026-12-0{n}", caption=words.format(n), media=media) for n in (1, 2)]
    brought = bring(HEADINGS + "".join(lines) + row(day="2026-12-05", caption="Cake", media=media))
    assert [text for _column, text in told(brought) if "nearly the same caption" in text] == [told(brought)[0][1]] * 2
