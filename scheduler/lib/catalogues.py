"""Translation catalogues without gettext's programs: collect, merge and compile with Babel.

The source language is English, so a message is its own key; the catalogues stand in locale/<name>/LC_MESSAGES.
"""

import ast
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

SOURCES = ("scheduler", "site", "templates")
# Head lines that differ with every run or library version and tell nothing.
_NOISE = tuple(
    f'"{name}:'
    for name in (
        "Project-Id-Version",
        "Report-Msgid-Bugs-To",
        "POT-Creation-Date",
        "PO-Revision-Date",
        "Last-Translator",
        "Language-Team",
        "Generated-By",
    )
)
_PLAIN = ("singular",)
_PLURAL = ("singular", "plural")
_CONTEXT = ("context", "singular")
_BOTH = ("context", "singular", "plural")
# What the words given to each function are.
KEYWORDS: dict[str, tuple[str, ...]] = {
    "_": _PLAIN,
    "_lazy": _PLAIN,  # gettext_lazy, in modules that use both
    "gettext": _PLAIN,
    "gettext_lazy": _PLAIN,
    "gettext_noop": _PLAIN,
    "ngettext": _PLURAL,
    "ngettext_lazy": _PLURAL,
    "pgettext": _CONTEXT,
    "pgettext_lazy": _CONTEXT,
    "npgettext": _BOTH,
    "npgettext_lazy": _BOTH,
}
# The same in Babel's notation.
_BABEL: dict[tuple[str, ...], tuple] = {
    _PLAIN: (1,),
    _PLURAL: (1, 2),
    _CONTEXT: ((1, "c"), 2),
    _BOTH: ((1, "c"), 2, 3),
}


class Message(NamedTuple):
    """One text to translate; `plural` and `context` are empty when it has none."""

    singular: str
    plural: str = ""
    context: str = ""


def extract_messages(root: Path) -> set[Message]:
    """Return every message of the source files below `root`."""
    return {message for message, _place in find_messages(root)}


def find_messages(root: Path) -> Iterator[tuple[Message, str]]:
    """Yield every message of the Python files and templates below `root`, with the path of its file."""
    for path in sorted(file for folder in SOURCES for file in (root / folder).rglob("*")):
        reader = READERS.get(path.suffix)
        if reader:
            place = path.relative_to(root).as_posix()
            yield from ((message, place) for message in reader(path.read_text()))


def messages_of_python(source: str) -> Iterator[Message]:
    """Yield the messages of Python source, also those inside f-strings."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            roles = KEYWORDS.get(_called_name(node.func), ())
            words = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            if roles and len(words) >= len(roles):
                yield Message(**dict(zip(roles, words, strict=False)))


def _called_name(function: ast.expr) -> str:
    return getattr(function, "id", "") or getattr(function, "attr", "")


def messages_of_template(source: str) -> Iterator[Message]:
    """Yield the messages of a Django template."""
    # What is left of the markup is no Python; without indentation Babel's reader takes it.
    text = "\n".join(line.strip() for line in templatize(source).splitlines())
    keywords = {name: _BABEL[roles] for name, roles in KEYWORDS.items()}
    for _line, words, _notes, context in extract("python", io.BytesIO(text.encode()), keywords):
        singular, plural = words if isinstance(words, tuple) else (words, "")
        yield Message(singular, plural, context or "")


READERS = {".py": messages_of_python, ".html": messages_of_template, ".txt": messages_of_template}


def read_catalogue(path: Path) -> Catalog:
    """Return the catalogue in the .po file `path`."""
    with path.open("rb") as file:
        return read_po(file)


def merge(root: Path, path: Path, locale: str) -> bool:
    """Bring the .po file `path` in step with the sources, keeping translations; True when it changed.

    New messages come in empty, gone ones leave; nothing is guessed, so no entry is ever fuzzy.
    """
    old = read_catalogue(path) if path.exists() else Catalog(locale)
    new = Catalog(locale, header_comment="# Pauta's texts in another language.", fuzzy=False)
    for message, place in find_messages(root):
        _add(new, old, message, place)
    text = _as_text(new)
    if path.exists() and path.read_text() == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return True


def _add(new: Catalog, old: Catalog, message: Message, place: str) -> None:
    key = (message.singular, message.plural) if message.plural else message.singular
    known = old.get(message.singular, message.context or None)
    kept = known.string if known and isinstance(known.string, tuple) == bool(message.plural) else None
    comments = known.user_comments if known else ()
    new.add(key, kept, [(place, 0)], user_comments=comments, context=message.context or None)


def _as_text(catalogue: Catalog) -> str:
    out = io.BytesIO()
    write_po(out, catalogue, width=110, sort_output=True, include_lineno=False, ignore_obsolete=True)
    lines = out.getvalue().decode().splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(_NOISE))


def compile_stale(folders: Iterable[Path]) -> list[Path]:
    """Compile every .po below `folders` that is newer than its .mo; return the .mo files written."""
    written = []
    for po in sorted(file for folder in folders for file in folder.rglob("*.po")):
        mo = po.with_suffix(".mo")
        if not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime:
            compile_one(po, mo)
            written.append(mo)
    return written


def compile_one(po: Path, mo: Path) -> None:
    """Write the .mo file of one .po file; readers see the old one or the new one, never a part."""
    draft = mo.with_suffix(".mo.new")
    with draft.open("wb") as file:
        write_mo(file, read_catalogue(po))
    draft.replace(mo)
