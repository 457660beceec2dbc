"""`fields=a,b,edge{c,d}`: what was asked for, and what a node may tell."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from scheduler.sandbox.errors import invalid

# A field name stands before the tree of what is asked inside it.
Tree = dict[str, "Tree"]
_WORD = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)(?:\.[a-z_]+\([^)]*\))*\s*")


def read_fields(text: str, default: tuple[str, ...]) -> Tree:
    """Return what is asked for; an empty text asks for the default fields."""
    if not text.strip():
        return {name: {} for name in default}
    tree, end = _read(text, 0)
    if end != len(text):
        raise invalid("Syntax error in the fields parameter")
    return tree


def _read(text: str, at: int) -> tuple[Tree, int]:
    tree: Tree = {}
    while True:
        word = _WORD.match(text, at)
        if not word:
            raise invalid("Syntax error in the fields parameter")
        inner: Tree = {}
        at = word.end()
        if text[at : at + 1] == "{":
            inner, at = _read(text, at + 1)
            if text[at : at + 1] != "}":
                raise invalid("Syntax error in the fields parameter")
            at += 1
        tree[word[1]] = inner
        if text[at : at + 1] != ",":
            return tree, at
        at += 1


def tell(node: Any, tree: Tree, known: Mapping[str, Callable[[Any, Tree], Any]], name: str) -> dict[str, Any]:
    """Return the asked fields of `node`; `id` always comes, None is left out, unknown ones are #100.

    known: what the node can tell: a function of the node and of the fields asked inside.
    name:  how Meta calls the node in its message.
    """
    for field in tree:
        if field not in known:
            raise invalid(f"Tried accessing nonexisting field ({field}) on node type ({name})")
    always: Tree = {"id": {}} if "id" in known else {}
    told = {field: known[field](node, inner) for field, inner in (always | tree).items()}
    return {field: value for field, value in told.items() if value is not None}
