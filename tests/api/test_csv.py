"""Posts from and to a spreadsheet, by a program: the same verdicts and the same file as on the pages."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from scheduler.models import CsvImport, ScheduledPost, Status
from tests.api.conftest import BASE, problem_of

pytestmark = pytest.mark.django_db
IMPORTS = "scheduled-posts/imports/"
PLAN = """account,date,time,caption,media
alice.bakery,2027-03-15,18:30,Rye,https://example.com/rye.jpg
alice.bakery,2027-03-16,18:30,Rolls,no-such-file.jpg
alice.bakery,2027-03-17,18:30,Bread,https://example.com/bread.jpg
"""


@pytest.fixture(autouse=True)
def bakery(make_account):
    return make_account(instagram_username="alice.bakery")


@pytest.fixture
def bring(api, today):
    """Bring a file; returns the answer."""

    def bring(text=PLAN, name="plan.csv", program=api, **said):
        file = SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode(), "text/csv")
        return program.post(f"{BASE}{IMPORTS}", {"file": file} | said)

    return bring


# --- In -----------------------------------------------------------------------------------------------------
def test_a_file_is_looked_over_before_anything_is_saved(bring, api):
    told = bring(timezone="America/Sao_Paulo")
    assert told.status_code == 201 and told.json()["counts"] == {"ok": 2, "warning": 0, "refused": 1}
    assert told.json()["columns"] == ["account", "date", "time", "caption", "media"]
    assert not ScheduledPost.objects.exists()
    rows = api.ask("get", f"{IMPORTS}{told.json()['id']}/rows/").json()
    assert [row["level"] for row in rows["results"]] == ["ok", "refused", "ok"] and rows["count"] == 3
    assert rows["results"][0]["scheduled_for"] == "2027-03-15T21:30:00Z"
    (refused,) = api.ask("get", f"{IMPORTS}{told.json()['id']}/rows/?level=refused").json()["results"]
    assert (refused["row"], refused["told"][0]["column"]) == (3, "media")
    assert "no-such-file.jpg" in refused["told"][0]["message"]


def test_the_good_rows_are_saved_once(bring, api):
    path = f"{IMPORTS}{bring(becomes='scheduled').json()['id']}/"
    saved = [api.ask("post", f"{path}save/") for _ in range(2)]
    assert [(one.status_code, one.json()["imported"]) for one in saved] == [(200, 2), (200, 2)]
    assert [post.status for post in ScheduledPost.objects.all()] == [Status.SCHEDULED] * 2
    assert api.ask("get", path).json()["imported_at"]
    assert problem_of(api.ask("patch", path, {"becomes": "draft"}), 409) == "IMPORTED"


def test_it_is_read_another_way(bring, api):
    path = f"{IMPORTS}{bring().json()['id']}/"
    told = api.ask("patch", path, {"columns": ["account", "date", "time", "caption", ""], "becomes": "draft"})
    assert told.status_code == 200 and told.json()["counts"]["refused"] == 0
    again = api.ask("patch", path, told.json())  # what was read can be sent back
    assert again.json() == told.json()


def test_days_that_tell_nothing_are_asked_about(bring, api):
    told = bring("date,time,caption\n05/06/2027,9:00,Rye\n").json()
    assert told["is_unclear"]
    assert not api.ask("patch", f"{IMPORTS}{told['id']}/", {"order": "dmy"}).json()["is_unclear"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"account": 999}, "account"),
        ({"columns": ["account"]}, "columns"),
        ({"columns": ["date", "date", "", "", ""]}, "columns.1"),
        ({"columns": ["dates", "", "", "", ""]}, "columns.0"),
        ({"becomes": "published"}, "becomes"),
        ({"colums": []}, "colums"),
    ],
)
def test_what_is_wrong_is_named(bring, api, said, field):
    path = f"{IMPORTS}{bring().json()['id']}/"
    before = CsvImport.objects.values().get()
    answer = api.ask("patch", path, said)
    assert problem_of(answer, 400) == "VALIDATION_FAILED" and field in answer.json()["error"]["fields"]
    assert CsvImport.objects.values().get() == before


@pytest.mark.parametrize(
    ("text", "said", "field", "code"),
    [
        ("", {}, "file", "EMPTY"),
        (b"PK\x03\x04 workbook", {}, "file", "WORKBOOK"),
        ("caption\n" + "Bread\n" * 5001, {}, "file", "TOO_MANY_ROWS"),
        (PLAN, {"timezone": "Mars/Base"}, "timezone", "REFUSED"),
        (PLAN, {"account": "999"}, "account", "INVALID_CHOICE"),
        (PLAN, {"zone": "UTC"}, "zone", "UNKNOWN"),
    ],
)
def test_a_file_that_cannot_be_read_so_is_not_kept(bring, text, said, field, code):
    answer = bring(text, **said)
    assert problem_of(answer, 400) == "VALIDATION_FAILED"
    assert answer.json()["error"]["fields"][field][0]["code"] == code
    assert not CsvImport.objects.exists()


def test_another_persons_account_is_no_account(bring, make_account, charlie):
    answer = bring(account=make_account(owner=charlie).pk)
    assert problem_of(answer, 400) == "VALIDATION_FAILED" and "account" in answer.json()["error"]["fields"]


def test_no_file_is_told(api):
    answer = api.post(f"{BASE}{IMPORTS}", {})
    assert problem_of(answer, 400) == "VALIDATION_FAILED" and "file" in answer.json()["error"]["fields"]


def test_a_long_file_comes_in_pages(bring, api):
    rows = "".join(f"2027-03-15,18:30,Loaf {number}\n" for number in range(120))
    told = bring(f"date,time,caption\n{rows}").json()
    path = f"{IMPORTS}{told['id']}/rows/"
    first = api.ask("get", path).json()
    last = api.ask("get", f"{path}?page=3").json()
    assert (first["count"], len(first["results"]), len(last["results"]), last["next"]) == (120, 50, 20, None)
    assert last["results"][-1]["row"] == 121


# --- Out ----------------------------------------------------------------------------------------------------
def test_a_filtered_list_comes_as_a_file_that_can_be_brought_again(api, bring, bakery, make_post, noon):
    make_post(account=bakery, caption="Rye", at=noon + timedelta(days=1))
    make_post(account=bakery, caption="Rolls")
    answer = api.ask("get", "scheduled-posts/export/?status=scheduled")
    assert answer["Content-Type"].startswith("text/csv") and answer["Cache-Control"] == "private, no-store"
    text = answer.getvalue().decode("utf-8-sig")
    assert [row["Caption"] for row in csv.DictReader(io.StringIO(text))] == ["Rye"]
    assert bring(text).json()["counts"]["refused"] == 1  # it is here already


def test_an_export_is_in_the_language_asked_for(api):
    answer = api.ask("get", "scheduled-posts/export/", accept_language="pt-BR")
    assert answer.getvalue().decode("utf-8-sig").startswith('"Conta";"Data";"Hora"')


def test_an_export_knows_no_pages(api):
    answer = api.ask("get", "scheduled-posts/export/?page=2")
    assert problem_of(answer, 400) == "VALIDATION_FAILED" and "page" in answer.json()["error"]["fields"]
