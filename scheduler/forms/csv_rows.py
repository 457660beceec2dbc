"""The rows of a file as posts, and what is to be said of each: by the fields of the post form and its checks."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from scheduler.forms.fields import TagsField
from scheduler.forms.post_values import NOTHING_SAID, REEL_TYPES, options_of, silence_words
from scheduler.forms.posts import PostForm, is_held
from scheduler.lib import csv_columns, csv_table, csv_times, zones
from scheduler.lib.framing import Frame
from scheduler.models import InstagramAccount, MediaAsset, MediaType, ScheduledPost, User
from scheduler.models.post import MINIMUM_AHEAD
from scheduler.services import csv_others, preflight, when
from scheduler.services.findings import BLOCKER, SENTENCES, TIP, WARNING
from scheduler.services.media_row import Piece, guess_type, waiting_pieces

DRAFT, SCHEDULED, BY_STATUS = "draft", "scheduled", "status"
OK, REFUSED = "ok", "refused"
TYPES = {
    MediaType.IMAGE: {"image", "photo", "foto", "imagem", "picture", "post"},
    MediaType.CAROUSEL: {"carousel", "carrossel", "carousel album", "album"},
    MediaType.REELS: {"reel", "reels"},
    MediaType.VIDEO: {"video"},
    MediaType.STORY: {"story", "stories"},
}
IN_LINE = {"scheduled", "agendada", "agendado", "on hold", "em espera", "at risk", "em risco"}
YES, NO = {"yes", "sim", "true", "verdadeiro", "1", "x", "s", "y"}, {"no", "nao", "false", "falso", "0", "n"}
REFERENCE = re.compile(r"(.*)#(\d{1,18})", re.DOTALL)
TAGS = TagsField(required=False)
# Of a verdict, where the cell stands that a check speaks of.
COLUMN_OF = {"uploads": "media", "day": "date", "clock": "time", "location_id": "location", "cover_at": "cover",
             "user_tags": "people"}  # fmt: skip
# What the names of options are in `options_of`, and the columns they stand in.
TEXTS = {"caption": "caption", "first_comment": "first_comment", "notes": "notes", "audio_name": "audio_name",
         "collaborators": "collaborators", "location_id": "location"}  # fmt: skip


@dataclass(frozen=True)
class Choices:
    """How a file is to be read.

    columns: for each of its columns what it is, "" for nothing. becomes: DRAFT, SCHEDULED or BY_STATUS.
    order: which comes first in 05/06/2026, as lib.csv_times names it. again: whether what is here already is saved
    once more.
    """

    columns: list[str]
    account: int | None = None
    timezone: str = "UTC"
    becomes: str = DRAFT
    order: str = ""
    again: bool = False


@dataclass
class Row:
    """One row: the post that it would be, and what was found, as (column, level, sentence)."""

    number: int
    cells: dict[str, str]
    post: ScheduledPost
    pieces: list[Piece] = field(default_factory=list)
    told: list[tuple[str, str, str]] = field(default_factory=list)
    becomes: str = DRAFT
    has_time_trouble: bool = False

    @property
    def level(self) -> str:
        """Return "ok", "warning" or "refused"."""
        levels = {level for _column, level, _text in self.told}
        return REFUSED if REFUSED in levels else WARNING if WARNING in levels else OK

    @property
    def verdict(self) -> dict[str, Any]:
        """Return it as a page shows it; plain values."""
        account, at = self.post.instagram_account, self.post.scheduled_for
        return {
            "row": self.number,
            "level": self.level,
            "told": [list(one) for one in self.told],
            "title": self.post.title[:60],
            "account": account.instagram_username if account else "",
            "time": at.isoformat() if at else "",
            "becomes": self.becomes,
        }

    def refuse(self, column: str, text: str) -> None:
        """Say why it cannot be saved."""
        self.told.append((column, REFUSED, text))

    def warn(self, column: str, text: str) -> None:
        """Say what to know of it."""
        self.told.append((column, WARNING, text))


class Reader:
    """Reads the rows of one file; about ten queries, however many rows there are."""

    def __init__(self, user: User, choices: Choices, now: datetime) -> None:
        self.user, self.choices, self.now = user, choices, now
        self.accounts = list(InstagramAccount.objects.for_user(user))
        self._by_name = {account.instagram_username.casefold(): account for account in self.accounts}
        self._order = choices.order
        self._by_id: dict[int, MediaAsset] = {}
        self._named: dict[str, list[MediaAsset]] = {}

    def read(self, table: csv_table.Table) -> list[Row]:
        """Return every row with its verdict; nothing is saved and nothing is fetched."""
        rows = [self._begun(number, cells) for number, cells in table.rows]
        self._order = self._order or csv_times.order_of(_day_words(row.cells) for row in rows)
        self._load_media(rows)
        for row in rows:
            self._fill(row)
        self._check(rows)
        return rows

    def _begun(self, number: int, cells: list[str]) -> Row:
        pairs = zip(self.choices.columns, cells, strict=False)
        said = {name: csv_table.restored(cell).replace("\r\n", "\n") for name, cell in pairs if name}
        row = Row(number, said, ScheduledPost(user=self.user))
        row.post.row_key = -number  # type: ignore[attr-defined]  # tells it from posts in csv_others
        if any(cell.strip() for cell in cells[len(self.choices.columns) :]):
            row.refuse(
                "", _("This row has more cells than there are headings. Put a text with a separator in quotes.")
            )
        return row

    # --- Media ------------------------------------------------------------------------------------------------
    def _load_media(self, rows: list[Row]) -> None:
        """Find every file of the library that a row names; at most four queries."""
        words = {
            word for row in rows for name in ("media", "cover") for word in _media_words(row.cells.get(name, ""))
        }
        words = {word for word in words if not _is_address(word)}
        ids = [int(found[2]) for word in words if (found := REFERENCE.fullmatch(word))]
        mine = MediaAsset.objects.for_user(self.user).prefetch_related("renditions")
        self._by_id = mine.in_bulk(ids) if ids else {}
        for asset in mine.filter(original_name__in=words) if words else []:
            self._named.setdefault(asset.original_name, []).append(asset)

    def _asset(self, word: str) -> MediaAsset:
        """Return the file of the library that a cell names. Raises ValidationError."""
        named = self._named.get(word, [])
        if len(named) == 1:
            return named[0]
        if named:
            told = _("“%(name)s” is the name of %(n)s files of yours. Write the one meant as %(name)s#%(id)s.")
            raise ValidationError(told % {"name": word, "n": len(named), "id": named[0].pk})
        found = REFERENCE.fullmatch(word)
        asset = self._by_id.get(int(found[2])) if found else None
        if asset is None:
            told = _(
                "No file of your media is called “%(name)s”. Upload it first, or give its address with https://."
            )
            raise ValidationError(told % {"name": word[:100]})
        return asset

    def _read_media(self, row: Row) -> list[MediaAsset]:
        """Read files and addresses of a row, what is in the library first."""
        assets, post = [], row.post
        post.media_urls = []
        for word in _media_words(row.cells.get("media", "")):
            if _is_address(word):
                post.media_urls.append(word)
                continue
            try:
                assets.append(self._asset(word))
            except ValidationError as wrong:
                row.refuse("media", wrong.messages[0])
        if len({asset.pk for asset in assets}) < len(assets):
            row.refuse("media", _("The same file stands here twice."))
        return assets

    def _place(self, row: Row, assets: list[MediaAsset]) -> None:
        """Put alt texts, people and shapes to the files of a row."""
        alts, people, shapes = (
            csv_table.parted(row.cells.get(name, "")) for name in ("alt_texts", "people", "shapes")
        )
        if len(alts) > len(assets):
            row.warn(
                "alt_texts", _("Alt texts are kept for files of your media only. Add the others to the post later.")
            )
        for number, asset in enumerate(assets):
            tags = self._tags(row, people[number]) if number < len(people) else []
            row.pieces.append(
                Piece(
                    asset,
                    asset.kind == MediaAsset.Kind.VIDEO,
                    alt_text=alts[number].strip() if number < len(alts) else "",
                    options={"user_tags": tags} if tags else {},
                    frame=_frame(shapes[number]) if number < len(shapes) else None,
                )
            )
        if not assets and people and (tags := self._tags(row, people[0])):
            row.post.options["user_tags"] = tags
        row.pieces += waiting_pieces(row.post, [])

    def _tags(self, row: Row, words: str) -> list[dict[str, Any]]:
        try:
            return TAGS.clean(words)
        except ValidationError as wrong:
            row.refuse("people", wrong.messages[0])
            return []

    # --- Words ------------------------------------------------------------------------------------------------
    def _fill(self, row: Row) -> None:
        post, cells = row.post, row.cells
        post.instagram_account = self._account(row)
        row.becomes = self._becomes(cells.get("status", ""))
        data = NOTHING_SAID | {name: _cleaned(row, name, column) for name, column in TEXTS.items()}
        data |= {
            name: _flag(row, name, usual=usual) for name, usual in (("share_to_feed", True), ("trial_reel", False))
        }
        data["location_name"] = f"{data['location_id']} {cells.get('location_name', '').strip()}"
        assets = self._read_media(row)
        are_videos = [asset.kind == MediaAsset.Kind.VIDEO for asset in assets]
        are_videos += [piece.is_video for piece in waiting_pieces(post, [])]
        post.media_type = data["media_type"] = _type(row) or guess_type(are_videos)
        post.caption, post.first_comment, post.notes = data["caption"], data["first_comment"], data["notes"]
        post.options = options_of(data | {"cover_at": self._cover(row)}, kept=_kept_cover(row))
        self._place(row, assets)
        account = post.instagram_account
        if post.first_comment.strip() and account is not None and not account.can_comment:
            row.refuse("first_comment", silence_words(account))
        self._plan(row)

    def _account(self, row: Row) -> InstagramAccount | None:
        name = row.cells.get("account", "").strip().removeprefix("@")
        if not name:
            return next((one for one in self.accounts if one.pk == self.choices.account), None)
        account = self._by_name.get(name.casefold())
        if account is None:
            row.refuse("account", _("No account of yours is called @%(name)s.") % {"name": name[:60]})
        return account

    def _becomes(self, status: str) -> str:
        if self.choices.becomes != BY_STATUS:
            return self.choices.becomes
        return SCHEDULED if csv_columns.plain(status) in IN_LINE else DRAFT

    def _cover(self, row: Row) -> Any:
        """Return the second of the video that is the cover; a picture of its own goes to the post."""
        words = row.cells.get("cover", "").strip()
        if not words or _is_address(words) or row.post.media_type not in REEL_TYPES:
            return None
        if re.fullmatch(r"\d+([.,]\d+)?", words):
            return _field(row, "cover", "cover_at", words.replace(",", "."))
        try:
            row.post.cover = self._asset(words)
        except ValidationError as wrong:
            row.refuse("cover", wrong.messages[0])
        return None

    # --- The time ---------------------------------------------------------------------------------------------
    def _plan(self, row: Row) -> None:
        zone = row.cells.get("timezone", "").strip() or self.choices.timezone
        zone = _field(row, "timezone", "timezone", zone) or "UTC"
        row.post.timezone = zone
        day, clock = self._day_and_clock(row, zone)
        if day is None or clock is None:
            if (day or clock) and not row.has_time_trouble:
                row.refuse("time" if day else "date", str(SENTENCES["TIME_MISSING"]))
            return
        wall = datetime.combine(day, clock)
        moment = row.post.plan(wall, zone)
        if moment.kind != "plain":
            row.warn("time", when.clock_words(moment, wall, zone))

    def _day_and_clock(self, row: Row, zone: str) -> tuple[date | None, time | None]:
        cells = row.cells
        at = csv_times.read_instant(cells.get("moment", ""))
        if at is not None:
            wall = zones.to_wall(at, zone)
            return wall.date(), wall.time().replace(second=0, microsecond=0)
        day, clock = csv_times.split_moment(cells.get("moment", ""))
        name = "moment" if day else ""
        return self._day(row, name or "date", day or _day_words(cells)), self._clock(
            row, name or "time", clock or _clock_words(cells)
        )

    def _day(self, row: Row, column: str, words: str) -> date | None:
        if not words:
            return None
        try:
            day = csv_times.read_day(words, self._order)
        except csv_times.Unclear:
            row.has_time_trouble = True
            row.refuse(column, _("Say whether the day or the month comes first in “%(day)s”.") % {"day": words})
            return None
        except ValueError:
            row.has_time_trouble = True
            row.refuse(column, _("“%(day)s” is no date. Write it like 2026-12-24.") % {"day": words[:40]})
            return None
        found = _field(row, column, "day", day)
        row.has_time_trouble |= found is None
        return found

    def _clock(self, row: Row, column: str, words: str) -> time | None:
        if not words:
            return None
        try:
            return csv_times.read_clock(words)
        except ValueError:
            row.has_time_trouble = True
            row.refuse(column, _("“%(word)s” is no time. Write it like 9:00 or 18:30.") % {"word": words[:40]})
            return None

    # --- Verdicts ---------------------------------------------------------------------------------------------
    def _check(self, rows: list[Row]) -> None:
        """Look each row over as the page does, beside what is planned and beside the other rows."""
        ahead = [row for row in rows if self._is_ahead(row)]
        files = {piece.asset.sha256 for row in ahead for piece in row.pieces if piece.asset}
        others = csv_others.Loaded()
        others.load(self.accounts, [at for row in ahead if (at := row.post.scheduled_for)], files)
        for row in ahead:
            if row.becomes == SCHEDULED and row.level != REFUSED and row.post.scheduled_for:
                sums = [piece.asset.sha256 for piece in row.pieces if piece.asset]
                others.add(row.post, -row.number, row.post.scheduled_for, sums)
        for row in rows:
            self._look(row, others)
        self._tell_repeats(rows)

    def _is_ahead(self, row: Row) -> bool:
        at = row.post.scheduled_for
        return at is not None and at >= self.now + MINIMUM_AHEAD

    def _look(self, row: Row, others: csv_others.Loaded) -> None:
        """Say what the checks find. A draft may have what stops a post; then it is a warning."""
        post, at = row.post, row.post.scheduled_for
        stops = row.refuse if row.becomes == SCHEDULED else row.warn
        ahead = at if self._is_ahead(row) else None
        if at is not None and ahead is None:
            stops("time", str(SENTENCES["TIME_PAST"]))
        post.scheduled_for = None  # a time that has passed is told already, and asks nothing of others
        found = preflight.check(post, self.now, at=ahead, pieces=row.pieces, others=others)
        post.scheduled_for = at
        for one in found:
            is_told = one.code == "TIME_MISSING" and (at is not None or row.has_time_trouble or row.becomes == DRAFT)
            if one.level == TIP or is_told or (one.code == "ACCOUNT_MISSING" and self._has_unknown_account(row)):
                continue
            say = stops if one.level == BLOCKER and not is_held(one, post) else row.warn
            say(COLUMN_OF.get(one.field, one.field), one.text)

    def _has_unknown_account(self, row: Row) -> bool:
        return any(column == "account" and level == REFUSED for column, level, _text in row.told)

    def _tell_repeats(self, rows: list[Row]) -> None:
        """Refuse what stands in the file twice, or is here already, unless the person wants it again."""
        keys = {row.number: _sameness(row) for row in rows}
        repeats = csv_others.said_before(keys.items())
        known = csv_others.known_already(self.user, [row.post for row in rows])
        for row in rows:
            say: Callable[[str, str], None] = row.warn if self.choices.again else row.refuse
            if keys[row.number] in known:
                say("", _("You have this post already: same account, time, type, words and media."))
            elif row.number in repeats:
                say("", _("This is the same as row %(n)s.") % {"n": repeats[row.number]})


def _sameness(row: Row) -> tuple[object, ...]:
    return csv_others.sameness(row.post, [piece.asset.pk for piece in row.pieces if piece.asset])


def _day_words(cells: dict[str, str]) -> str:
    words = cells.get("date", "").strip() or csv_times.split_moment(cells.get("moment", ""))[0]
    # A spreadsheet that knows only days with a time writes one of both into a column of days.
    return csv_times.split_moment(words)[0]


def _clock_words(cells: dict[str, str]) -> str:
    return cells.get("time", "").strip() or csv_times.split_moment(cells.get("date", ""))[1]


def unclear_days(table: csv_table.Table, columns: list[str]) -> bool:
    """Return whether a person has to say what comes first in the file's days, the day or the month."""
    places = [number for number, name in enumerate(columns) if name in {"date", "moment"}]
    words = (cells[place] for _row, cells in table.rows for place in places if place < len(cells))
    return csv_times.are_unclear(csv_times.split_moment(word)[0] for word in words)


def _media_words(cell: str) -> list[str]:
    """Return the names and addresses of a cell; only addresses are separated by spaces, too."""
    words: list[str] = []
    for part in re.split(r"[|\n]", cell):
        words += part.split() if "://" in part else [part.strip()]
    return [word for word in words if word]


def _is_address(word: str) -> bool:
    return "://" in word


def _frame(words: str) -> Frame | None:
    names = ("shape", "how", "x", "y", "zoom", "paper")
    return Frame.read(dict(zip(names, words.split(), strict=False)))


def _kept_cover(row: Row) -> dict[str, Any]:
    words = row.cells.get("cover", "").strip()
    return {"cover_url": words} if _is_address(words) else {}


def _type(row: Row) -> str:
    words = row.cells.get("media_type", "")
    named = csv_columns.plain(words)
    kind = next((kind for kind, names in TYPES.items() if named in names), "")
    if named and not kind:
        row.refuse(
            "media_type", _("“%(word)s” is no type. Write photo, carousel, reel or story.") % {"word": words[:40]}
        )
    return str(kind)


def _flag(row: Row, column: str, *, usual: bool) -> bool:
    words = row.cells.get(column, "")
    said = csv_columns.plain(words)
    if said and said not in YES | NO:
        row.refuse(column, _("“%(word)s” is neither yes nor no.") % {"word": words[:40]})
    return usual if not said else said in YES


def _cleaned(row: Row, name: str, column: str) -> Any:
    value = _field(row, column, name, row.cells.get(column, ""))
    return NOTHING_SAID[name] if value is None else value


def _field(row: Row, column: str, name: str, value: Any) -> Any:
    """Return what the post form's own field makes of a cell; None when it refuses it."""
    try:
        return PostForm.base_fields[name].clean(value)
    except ValidationError as wrong:
        row.refuse(column, wrong.messages[0])
        return None


def good(rows: Iterable[Row]) -> list[Row]:
    """Return the rows that can be saved."""
    return [row for row in rows if row.level != REFUSED]
