"""Texts: found in every source, translated in every catalogue, with the same placeholders."""

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from scheduler.lib.catalogues import (
    Message,
    compile_stale,
    extract_messages,
    merge,
    messages_of_python,
    messages_of_template,
    read_catalogue,
)

ROOT = Path(__file__).resolve().parents[1]
PT_BR = ROOT / "locale" / "pt_BR" / "LC_MESSAGES" / "django.po"
# Words that are the same in both languages: names, and what Brazilians write in English too.
SAME_IN_BOTH = frozenset(
    {
        "%(n)s ms",
        "%(n)s s",
        "API",
        "Cookies",
        "Endpoint",
        "Feed",
        "Instagram",
        "Link",
        "Menu",
        "Pauta",
        "Reel",
        "Reels",
        "Sandbox",
        "Status",
        "Stories",
        "Story",
        "Token",
        "Tokens",
        "URL",
        "Webhooks",
    }
)
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]|%[a-z%]|\{(\w*)\}")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A tiny project with one Python file and one template."""
    for folder in ("scheduler", "site", "templates"):
        (tmp_path / folder).mkdir()
    (tmp_path / "scheduler" / "words.py").write_text('_("Publish now")\nngettext("%(n)d post", "%(n)d posts", n)\n')
    (tmp_path / "templates" / "page.html").write_text('{% load i18n %}<p>{% translate "Publish now" %}</p>')
    return tmp_path


def catalogue_of(project: Path) -> tuple[Path, Catalog]:
    """Merge the project's catalogue and return its path and content."""
    path = project / "locale" / "pt_BR" / "LC_MESSAGES" / "django.po"
    merge(project, path, "pt_BR")
    return path, read_catalogue(path)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('_("Plain")', Message("Plain")),
        ('gettext_lazy("Two " "parts")', Message("Two parts")),
        ('_lazy("Later")', Message("Later")),
        ("translation.gettext('By module')", Message("By module")),
        ('ngettext("%(n)d post", "%(n)d posts", n)', Message("%(n)d post", "%(n)d posts")),
        ('pgettext("verb", "Post")', Message("Post", context="verb")),
        ('npgettext("noun", "Post", "Posts", n)', Message("Post", "Posts", "noun")),
        ("f\"{_('Inside')} it\"", Message("Inside")),
    ],
)
def test_python_texts_are_found(source: str, message: Message) -> None:
    assert list(messages_of_python(source)) == [message]


@pytest.mark.parametrize("source", ["_(name)", "_()", "other('Plain')", "# _('Plain')"])
def test_what_is_no_text_is_left_alone(source: str) -> None:
    assert list(messages_of_python(source)) == []


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('<p>it\'s {% translate "Plain" %}</p>', Message("Plain")),
        ('   {% translate "Post" context "verb" %}', Message("Post", context="verb")),
        ('<a title="{{ _("Filter")|upper }}">', Message("Filter")),
        ("{% blocktranslate trimmed %}\n  Hello\n  {{ name }}\n{% endblocktranslate %}", Message("Hello %(name)s")),
        (
            "{% blocktranslate count n=n %}{{ n }} post{% plural %}{{ n }} posts{% endblocktranslate %}",
            Message("%(n)s post", "%(n)s posts"),
        ),
    ],
)
def test_template_texts_are_found(source: str, message: Message) -> None:
    assert list(messages_of_template("{% load i18n %}" + source)) == [message]


def test_merging_keeps_translations_and_drops_what_is_gone(project: Path) -> None:
    path, _empty = catalogue_of(project)
    path.write_text(
        path.read_text().replace('msgid "Publish now"\nmsgstr ""', 'msgid "Publish now"\nmsgstr "Publicar"')
    )
    (project / "scheduler" / "words.py").unlink()
    _path, catalogue = catalogue_of(project)
    assert [(message.id, message.string) for message in catalogue if message.id] == [("Publish now", "Publicar")]


def test_merging_again_changes_nothing(project: Path) -> None:
    path, _catalogue = catalogue_of(project)
    assert merge(project, path, "pt_BR") is False


def test_a_catalogue_is_compiled_when_it_changed(project: Path) -> None:
    path, _catalogue = catalogue_of(project)
    assert compile_stale([project / "locale"]) == [path.with_suffix(".mo")]
    assert compile_stale([project / "locale"]) == []


# --- The real catalogue --------------------------------------------------------------------------------------
@cache
def texts() -> frozenset[Message]:
    """Return every text of the sources; they are read once for all tests."""
    return frozenset(extract_messages(ROOT))


@cache
def translated() -> Catalog:
    """Return the catalogue, empty when there is none."""
    return read_catalogue(PT_BR) if PT_BR.exists() else Catalog("pt_BR")


def translations() -> list[tuple[Message, tuple[str, ...]]]:
    """Return every text of the sources with its translations; () when the catalogue lacks it."""
    catalogue = translated()
    pairs = []
    for message in sorted(texts()):
        known = catalogue.get(message.singular, message.context or None)
        string = known.string if known and not known.fuzzy else ()
        pairs.append((message, tuple(string) if isinstance(string, list | tuple) else (string,)))
    return pairs


def placeholders(text: str) -> list[str]:
    """Return the names and signs that are filled in later."""
    return sorted(match[0] for match in PLACEHOLDER.finditer(text))


def test_every_text_is_translated() -> None:
    missing = [message.singular for message, strings in translations() if not strings or not all(strings)]
    assert missing == []


def test_no_translation_is_the_original() -> None:
    untouched = [message.singular for message, strings in translations() if message.singular in strings]
    assert sorted(set(untouched) - SAME_IN_BOTH) == []


def test_translations_keep_their_placeholders() -> None:
    for message, strings in translations():
        for string in filter(None, strings):
            # A language's singular may leave the number out ("uma publicação").
            assert set(placeholders(string)) <= set(placeholders(message.singular + message.plural)), message
        if strings and strings[-1]:
            assert placeholders(strings[-1]) == placeholders(message.plural or message.singular), message


def test_the_catalogue_holds_nothing_that_is_gone() -> None:
    catalogue = translated()
    known = {(str(message.context or ""), _singular(message.id)) for message in catalogue if message.id}
    assert known <= {(message.context, message.singular) for message in texts()}


def _singular(key: str | tuple) -> str:
    return key[0] if isinstance(key, list | tuple) else key
