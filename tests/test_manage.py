"""The door of a fresh machine: what `manage.py` does before there is a Django."""

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

MANAGE = Path(__file__).resolve().parents[1] / "manage.py"
BASE_PYTHON = Path(sys.base_prefix) / "bin" / "python3"


@pytest.fixture
def manage(tmp_path: Path) -> ModuleType:
    """manage.py as a module that keeps its .venv in a folder of its own."""
    (tmp_path / "manage.py").write_text(MANAGE.read_text())
    (tmp_path / "requirements.txt").write_text("# nothing\n")
    (tmp_path / "requirements-dev.txt").write_text("# nothing for tests\n")
    spec = importlib.util.spec_from_file_location("manage_under_test", tmp_path / "manage.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    path = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = path
    return module


@pytest.fixture
def pip_runs(manage: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The words of each program that manage.py would have started; the .venv looks complete."""
    runs: list[list[str]] = []

    def run(words: list[str], **_options: object) -> SimpleNamespace:
        runs.append(words)
        return SimpleNamespace(returncode=0, stdout="", stderr="")

    for name in ("python", "pip"):
        manage.VENV.joinpath("bin").mkdir(parents=True, exist_ok=True)
        manage.VENV.joinpath("bin", name).touch()
    monkeypatch.setattr(manage.subprocess, "run", run)
    return runs


@pytest.fixture
def fresh_machine(manage: ModuleType) -> Callable[..., subprocess.CompletedProcess]:
    """Run manage.py with a Python that has no packages at all."""

    def run(*words: str) -> subprocess.CompletedProcess:
        command = [BASE_PYTHON, "-S", manage.BASE_DIR / "manage.py", *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=120)

    return run


def test_a_fresh_machine_gets_its_own_environment(fresh_machine: Callable, manage: ModuleType) -> None:
    first = fresh_machine("up")
    assert (manage.VENV / "bin" / "pip").exists()
    assert "Making a private Python environment" in first.stdout
    assert "Installing the packages of requirements.txt" in first.stdout
    # The requirements of this test are empty, so the environment holds no Django: it says so, and does not loop.
    assert first.stderr.strip().startswith("Django is not installed here.")
    assert "Installing" not in fresh_machine("up").stdout


def test_other_commands_prepare_nothing(fresh_machine: Callable, manage: ModuleType) -> None:
    answer = fresh_machine("migrate")
    assert answer.returncode == 1
    assert answer.stderr == "Django is not installed here. Run: python3 manage.py up\n"
    assert not manage.VENV.exists()


def test_the_same_requirements_are_installed_once(manage: ModuleType, pip_runs: list) -> None:
    manage.prepare("requirements.txt")
    manage.prepare("requirements.txt")
    assert len(pip_runs) == 1


def test_changed_requirements_are_installed_again(manage: ModuleType, pip_runs: list) -> None:
    manage.prepare("requirements.txt")
    (manage.BASE_DIR / "requirements.txt").write_text("# one more\n")
    manage.prepare("requirements.txt")
    assert len(pip_runs) == 2


def test_the_development_requirements_serve_up_too(manage: ModuleType, pip_runs: list) -> None:
    manage.prepare("requirements-dev.txt")
    manage.prepare("requirements.txt")
    assert [words[-1] for words in pip_runs] == ["requirements-dev.txt"]


def test_a_failed_installation_is_tried_again(
    manage: ModuleType, pip_runs: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manage.subprocess, "run", lambda *_words, **_options: SimpleNamespace(returncode=1))
    with pytest.raises(SystemExit, match="pip says why above"):
        manage.prepare("requirements.txt")
    assert not manage.INSTALLED.exists()


def test_a_missing_venv_module_is_named_and_leaves_nothing(
    manage: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half_made(words: list[str], **_options: object) -> SimpleNamespace:
        Path(words[-1], "bin").mkdir(parents=True)
        return SimpleNamespace(returncode=1, stdout="... because ensurepip is not\navailable ...", stderr="")

    monkeypatch.setattr(manage.subprocess, "run", half_made)
    with pytest.raises(SystemExit, match="apt-get install python3-venv"):
        manage.prepare("requirements.txt")
    assert not manage.VENV.exists()


def test_an_old_python_is_refused_in_one_sentence(manage: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 12))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer"):
        manage.main()


def test_a_filled_environment_of_somebody_else_is_left_alone(
    manage: ModuleType, pip_runs: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["manage.py", "up"])
    monkeypatch.setattr("django.core.management.execute_from_command_line", lambda words: None)
    manage.main()
    assert pip_runs == []
