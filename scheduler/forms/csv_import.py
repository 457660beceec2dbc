"""What a person says of a file of posts: which one it is, and how it is to be read."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from scheduler.forms import csv_rows
from scheduler.forms.csv_rows import BY_STATUS, DRAFT, SCHEDULED, Choices, Reader, Row, good
from scheduler.forms.fields import ZoneField
from scheduler.lib import csv_columns, csv_table
from scheduler.lib.csv_table import Table, Unreadable
from scheduler.lib.csv_times import DAY_FIRST, MONTH_FIRST
from scheduler.models import CsvImport, InstagramAccount, User
from scheduler.services import csv_saving

BECOMES = [
    (DRAFT, _lazy("Drafts")),
    (SCHEDULED, _lazy("Scheduled posts")),
    (BY_STATUS, _lazy("What the column Status says")),
]
ORDERS = [
    ("", _lazy("As the dates tell")),
    (DAY_FIRST, _lazy("Day first: 24/12/2026")),
    (MONTH_FIRST, _lazy("Month first: 12/24/2026")),
]
WHY = {
    "EMPTY": _lazy("There is nothing in the file."),
    "NO_ROWS": _lazy("The file has headings, but no posts below them."),
    "TOO_LARGE": _lazy("The file is larger than %(megabytes)s MB. Split it and import one part after the other."),
    "TOO_MANY_ROWS": _lazy("The file has %(n)s posts. At most %(most)s at a time: split it."),
    "TOO_MANY_COLUMNS": _lazy("The file has more than %(most)s columns."),
    "WORKBOOK": _lazy("This is a workbook. In the spreadsheet, save it as CSV and import that file."),
    "BINARY": _lazy("This is no text, so it can't be a CSV file."),
    "BROKEN": _lazy("The cells can't be told apart. A quotation mark may be missing its other one."),
}


class BringForm(forms.Form):
    """A file, or the text of one."""

    file = forms.FileField(
        label=_lazy("CSV file"),
        required=False,
        allow_empty_file=True,
        help_text=_lazy("Up to 5,000 posts and 10 MB, from Excel, Google Sheets, Numbers or another planner."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
    )
    text = forms.CharField(
        label=_lazy("Or paste the rows"),
        required=False,
        strip=False,
        help_text=_lazy("With the headings in the first row."),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )
    name = _lazy("Pasted rows")

    def clean(self) -> dict[str, Any]:
        """Read the table, so that what is none is refused at once."""
        data = super().clean() or self.cleaned_data
        file = cast(UploadedFile | None, data.get("file"))
        if file is None and not data.get("text", "").strip():
            if "file" not in self.errors and "text" not in self.errors:
                self.add_error("file", _("Choose a file, or paste the rows."))
            return data
        try:
            data["content"] = _content(file, data.get("text", ""))
            data["table"] = csv_table.read_table(data["content"])
        except Unreadable as wrong:
            told = forms.ValidationError(WHY[wrong.code] % wrong.facts, code=wrong.code)
            self.add_error("file" if file else "text", told)
        return data

    def save_for(self, user: User, now: datetime) -> CsvImport:
        """Keep the file with what can be guessed of it, and look its rows over."""
        file = self.cleaned_data.get("file")
        name = file.name if file else str(self.name)
        brought = CsvImport(user=user, name=name[:200], content=self.cleaned_data["content"], at=now)
        look(brought, first_choices(self.cleaned_data["table"], user), now)
        return brought


def _content(file: UploadedFile | None, text: str) -> bytes:
    if file is None:
        return text.encode()
    if (file.size or 0) > csv_table.MOST_BYTES:
        raise Unreadable("TOO_LARGE", megabytes=csv_table.MOST_BYTES // 1_000_000)
    return file.read()


def first_choices(table: Table, user: User) -> Choices:
    """Return how a file is read until a person says otherwise."""
    columns = csv_columns.guessed(table.headings)
    accounts = list(InstagramAccount.objects.for_user(user)[:2])
    return Choices(
        columns,
        account=accounts[0].pk if len(accounts) == 1 else None,
        timezone=user.timezone,
        becomes=BY_STATUS if "status" in columns else DRAFT,
    )


def look(brought: CsvImport, choices: Choices, now: datetime) -> list[Row]:
    """Look the rows over with these choices, keep what is said of each, and return them."""
    rows = rows_of(brought, choices, now)
    brought.choices, brought.verdicts = asdict(choices), [row.verdict for row in rows]
    brought.save()
    return rows


def rows_of(brought: CsvImport, choices: Choices, now: datetime) -> list[Row]:
    """Return the rows of a kept file with their verdicts; nothing is saved."""
    return Reader(brought.user, choices, now).read(csv_table.read_table(bytes(brought.content)))


def save(brought: CsvImport, now: datetime) -> bool:
    """Look the rows over once more and save the good ones; False when that was done already."""
    rows = rows_of(brought, Choices(**brought.choices), now)
    news = [csv_saving.NewPost(row.post, row.pieces, row.becomes == SCHEDULED) for row in good(rows)]
    return csv_saving.save(brought, news, [row.verdict for row in rows], now)


def refused_rows(brought: CsvImport, language: str) -> list[list[str]]:
    """Return the refused rows as they came, each with its reason, below their headings."""
    table = csv_table.read_table(bytes(brought.content))
    reasons = {
        one["row"]: " ".join(text for _column, level, text in one["told"] if level == csv_rows.REFUSED)
        for one in brought.verdicts
        if one["level"] == csv_rows.REFUSED
    }
    rows = [[*map(csv_table.restored, cells), reasons[row]] for row, cells in table.rows if row in reasons]
    return [[*table.headings, csv_columns.heading("reason", language)], *rows]


class ChoicesForm(forms.Form):
    """How the file is to be read: a field for each of its columns besides those for all rows."""

    becomes = forms.ChoiceField(label=_lazy("The rows become"), choices=BECOMES)
    account = forms.ModelChoiceField(
        InstagramAccount.objects.none(),
        label=_lazy("Account of rows that name none"),
        required=False,
        empty_label=_lazy("No account"),
    )
    timezone = ZoneField(label=_lazy("Time zone of rows that name none"))
    order = forms.ChoiceField(label=_lazy("Dates like 05/06/2026"), choices=ORDERS, required=False)
    again = forms.BooleanField(label=_lazy("Also import what is here already"), required=False)

    def __init__(self, data: QueryDict | None = None, *, brought: CsvImport, table: Table) -> None:
        said, self.table = brought.choices, table
        super().__init__(data, initial=said)
        account = cast(forms.ModelChoiceField, self.fields["account"])
        account.queryset = InstagramAccount.objects.for_user(brought.user)
        names = [("", _("Not imported")), *((name, _words(name)) for name in csv_columns.READ)]
        for number, heading in enumerate(table.headings):
            label = heading[:60] or _("Column %(n)s") % {"n": number + 1}
            initial = said["columns"][number] if number < len(said["columns"]) else ""
            self.fields[f"column_{number}"] = forms.ChoiceField(
                label=label, choices=names, required=False, initial=initial if initial in csv_columns.READ else ""
            )

    @property
    def shared(self) -> list[forms.BoundField]:
        """Return the fields that hold for all rows."""
        return [self[name] for name in ("becomes", "account", "timezone", "order", "again")]

    @property
    def columns(self) -> list[forms.BoundField]:
        """Return the fields of the file's columns."""
        return [field for field in self if field.name.startswith("column_")]

    @property
    def left_out(self) -> list[str]:
        """Return the headings of the columns that are not imported."""
        return [str(field.label) for field in self.columns if not field.value()]

    def clean(self) -> dict[str, Any]:
        """Refuse two columns that say the same."""
        data = super().clean() or self.cleaned_data
        seen: dict[str, str] = {}
        for field in self.columns:
            name = data.get(field.name, "")
            if name and name in seen:
                told = _("“%(other)s” is this already. Choose one of the two.")
                self.add_error(field.name, told % {"other": seen[name]})
            seen.setdefault(name, str(field.label))
        return data

    @property
    def choices(self) -> Choices:
        """Return what was chosen."""
        data = self.cleaned_data
        account = data.get("account")
        return Choices(
            [data[f"column_{number}"] for number in range(len(self.table.headings))],
            account=account.pk if account else None,
            timezone=data["timezone"],
            becomes=data["becomes"],
            order=data["order"],
            again=data["again"],
        )


def _words(name: str) -> str:
    return str(COLUMN_WORDS[name])


COLUMN_WORDS = {
    "account": _lazy("Account"),
    "date": _lazy("Date"),
    "time": _lazy("Time"),
    "moment": _lazy("Date and time"),
    "timezone": _lazy("Time zone"),
    "media_type": _lazy("Type"),
    "caption": _lazy("Caption"),
    "first_comment": _lazy("First comment"),
    "media": _lazy("Pictures and videos"),
    "alt_texts": _lazy("Alt texts"),
    "shapes": _lazy("Shapes"),
    "people": _lazy("Tag people"),
    "location": _lazy("Location"),
    "location_name": _lazy("Name of the location"),
    "collaborators": _lazy("Collaborators"),
    "share_to_feed": _lazy("Also show the reel in the feed"),
    "audio_name": _lazy("Name of the audio"),
    "trial_reel": _lazy("Trial reel"),
    "cover": _lazy("Cover"),
    "notes": _lazy("Notes"),
    "status": _lazy("Status"),
}


def count_words(counts: dict[str, int]) -> str:
    """Return how many can be imported and how many cannot."""
    fine, refused = counts["ok"] + counts["warning"], counts["refused"]
    words = ngettext("%(n)s post can be imported.", "%(n)s posts can be imported.", fine) % {"n": fine}
    if refused:
        words += " " + ngettext("%(n)s row has a problem.", "%(n)s rows have problems.", refused) % {"n": refused}
    return words
