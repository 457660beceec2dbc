"""CSV as spreadsheets write and read it: bytes into cells, cells into text that no spreadsheet runs."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

SEPARATORS = (",", ";", "\t")
MOST_ROWS, MOST_COLUMNS, MOST_BYTES = 5000, 100, 10_000_000
# What a spreadsheet takes for a formula; an apostrophe before it makes it text, and one more keeps what was there.
_STARTS = "=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20"  # the last four are wide ones, of Asian keyboards
_FORMULA = re.compile(f"'*[{_STARTS}]")
_DEFUSED = re.compile(f"'+[{_STARTS}]")
_SAID_SEPARATOR = re.compile(r"sep=(.)\r?\n")


class Unreadable(Exception):
    """The file is no table that can be read. `code` says why; `facts` fill its sentence.

    EMPTY, NO_ROWS, TOO_LARGE, TOO_MANY_ROWS, TOO_MANY_COLUMNS, WORKBOOK, BINARY, BROKEN.
    """

    def __init__(self, code: str, **facts: int) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


@dataclass(frozen=True)
class Table:
    """headings: the first row. rows: (number as a spreadsheet counts, cells) of each that says something."""

    headings: list[str]
    rows: list[tuple[int, list[str]]]


def read_table(content: bytes) -> Table:
    """Return the cells of a file, whatever its separator and encoding. Raises Unreadable."""
    if len(content) > MOST_BYTES:
        raise Unreadable("TOO_LARGE", megabytes=MOST_BYTES // 1_000_000)
    text = decode(content)
    if not text.strip():
        raise Unreadable("EMPTY")
    said = _SAID_SEPARATOR.match(text)
    text = text[said.end() :] if said else text
    separator = said[1] if said and said[1] in SEPARATORS else separator_of(text)
    try:
        records = list(_records(text, separator))
    except csv.Error:
        raise Unreadable("BROKEN") from None
    return _table(records)


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    filled = 0
    for number, cells in enumerate(reader, start=1):
        if not any(cell.strip() for cell in cells):
            continue
        filled += 1
        yield number, ([] if filled > MOST_ROWS + 1 else cells)  # the rest is only counted


def _table(records: list[tuple[int, list[str]]]) -> Table:
    if not records:
        raise Unreadable("EMPTY")
    (_first, headings), *rows = records
    if not rows:
        raise Unreadable("NO_ROWS")
    if len(rows) > MOST_ROWS:
        raise Unreadable("TOO_MANY_ROWS", n=len(rows), most=MOST_ROWS)
    if max(len(cells) for _number, cells in records) > MOST_COLUMNS:
        raise Unreadable("TOO_MANY_COLUMNS", most=MOST_COLUMNS)
    return Table([restored(heading).strip() for heading in headings], rows)


def decode(content: bytes) -> str:
    """Return the text: UTF-8, UTF-16, or what Excel writes in the west. Raises Unreadable for what is no text."""
    if content.startswith(b"PK\x03\x04") or content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable("WORKBOOK")
    text = _decoded(content)
    if "\0" in text:
        raise Unreadable("BINARY")
    return text.removeprefix("\ufeff")


def _decoded(content: bytes) -> str:
    for encoding in _encodings(content):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _encodings(content: bytes) -> list[str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ["utf-16"]
    start = content[:2000]
    if start[1::2].count(0) > len(start) // 4:
        return ["utf-16-le"]
    if start[0::2].count(0) > len(start) // 4:
        return ["utf-16-be"]
    return ["utf-8", "cp1252"]


def separator_of(text: str) -> str:
    """Return what stands between the headings most often, outside of quotes."""
    counts = dict.fromkeys(SEPARATORS, 0)
    quoted = False
    for letter in text[:20_000]:
        if letter == '"':
            quoted = not quoted
        elif letter == "\n" and not quoted and any(counts.values()):
            break
        elif letter in counts and not quoted:
            counts[letter] += 1
    return max(SEPARATORS, key=lambda one: counts[one])


def defused(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; `restored` gives it back."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def restored(cell: str) -> str:
    """Return what was meant by a cell that was defused."""
    return cell[1:] if _DEFUSED.match(cell) else cell


def written(rows: Iterable[Iterable[str]], separator: str) -> Iterator[bytes]:
    """Yield the bytes of each row, with the mark before the first by which Excel knows UTF-8.

    All cells are quoted: another separator that somebody's spreadsheet expects then begins no new cell.
    """
    begins = "\ufeff"
    for row in rows:
        line = io.StringIO()
        csv.writer(line, delimiter=separator, quoting=csv.QUOTE_ALL).writerow([defused(cell) for cell in row])
        yield (begins + line.getvalue()).encode()
        begins = ""


def joined(parts: Iterable[str]) -> str:
    r"""Return several texts as one cell, `|` between them; one inside is written \|."""
    return "|".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in parts)


def parted(cell: str) -> list[str]:
    """Return the texts that `joined` put into one cell; none when it is empty."""
    if not cell:
        return []
    parts, escaped = [""], False
    for letter in cell:
        if escaped:
            parts[-1] += letter if letter in "\\|" else f"\\{letter}"
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter == "|":
            parts.append("")
        else:
            parts[-1] += letter
    parts[-1] += "\\" if escaped else ""
    return parts
