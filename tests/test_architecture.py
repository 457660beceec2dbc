"""Imports point one way only; the table is the one of docs/architecture.md."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Each layer may import itself and the layers named beside it.
MAY_IMPORT = {
    "lib": set(),
    "instagram": {"lib"},
    "models": {"lib", "instagram"},
    "services": {"lib", "instagram", "models"},
    "tasks": {"lib", "instagram", "models", "services"},
    "forms": {"lib", "instagram", "models", "services"},
    "views": {"lib", "instagram", "models", "services", "tasks", "forms"},
    "api": {"lib", "instagram", "models", "services", "tasks", "forms"},
    "sandbox": {"lib"},
}


def layer_of(path: Path) -> str:
    return path.relative_to(ROOT / "scheduler").parts[0].removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            found.add(node.module or "")
        elif isinstance(node, ast.Import):
            found.update(name.name for name in node.names)
    return {name.split(".")[1] for name in found if name.startswith("scheduler.") and name.count(".")}


FILES = [path for path in sorted((ROOT / "scheduler").rglob("*.py")) if layer_of(path) in MAY_IMPORT]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path):
    layer = layer_of(path)
    assert imports_of(path) <= MAY_IMPORT[layer] | {layer}


def test_only_tasks_and_commands_know_the_queue():
    users = {
        path.relative_to(ROOT).parts[1]
        for path in (ROOT / "scheduler").rglob("*.py")
        if "django_q" in path.read_text(encoding="utf-8") and "migrations" not in path.parts
    }
    assert users <= {"tasks.py", "management", "bench"}


def test_models_take_only_the_numbers_from_the_instagram_layer():
    for path in (ROOT / "scheduler" / "models").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("scheduler.instagram"):
                assert node.module in {"scheduler.instagram", "scheduler.instagram.limits"}
