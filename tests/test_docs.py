"""The documents keep up with the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
READERS = {"str", "list", "flag", "whole_number", "choice", "base_url", "pattern"}
READERS |= {"data_folder", "database", "email", "media_storage", "networks", "origins", "redis"}
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]+$")


def variables_read() -> Iterator[str]:
    """Yield every environment variable that the settings read."""
    tree = ast.parse((ROOT / "site" / "config" / "settings.py").read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "attr", "") or getattr(node.func, "id", "")
            words = [node.args[0]] if name in READERS | {"_instagram_url"} else []
            yield from (word.value for word in words if isinstance(word, ast.Constant) and VARIABLE.match(word.value))


def variables_documented() -> Iterator[str]:
    """Yield every variable named in a first column of the tables."""
    for line in (ROOT / "docs" / "configuration.md").read_text().splitlines():
        if line.startswith("| `"):
            yield from re.findall(r"`([A-Z][A-Z0-9_]+)`", line.split("|")[1])


def test_every_variable_is_documented_and_every_documented_one_is_read() -> None:
    assert sorted(variables_documented()) == sorted(set(variables_read()))


def test_links_between_documents_lead_somewhere() -> None:
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"
