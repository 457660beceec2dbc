"""`manage.py test`: what it fetches, what it runs, and what it answers with."""

import subprocess
from types import SimpleNamespace

import pytest

from scheduler.lib import chromium
from scheduler.management.commands import test as command


@pytest.fixture
def failing() -> set[str]:
    """The names of the programs that end badly."""
    return set()


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch, failing: set[str]) -> list[tuple[str, ...]]:
    """The programs that would have run, without the interpreter before them."""
    ran: list[tuple[str, ...]] = []

    def run(words: list[str], *, env: dict[str, str], **_options: object) -> SimpleNamespace:
        ran.append(tuple(words[1:]) + (("FULL",) if "PAUTA_TEST_FULL" in env else ()))
        assert "DJANGO_SETTINGS_MODULE" not in env  # the tests have settings of their own
        assert "PYTHONDONTWRITEBYTECODE" not in env
        return SimpleNamespace(returncode=5 if failing & set(words) else 0)

    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setattr(command.subprocess, "run", run)
    monkeypatch.setattr(chromium, "ensure", lambda say: None)
    return ran


def test_without_words_the_habits_come_first(steps: list) -> None:
    assert command.run([]) == 0
    assert [words[1] for words in steps] == [
        "compilemessages",
        "ruff",
        "ruff",
        "makemigrations",
        "mypy",
        "pytest",
    ]


def test_words_go_to_pytest_and_leave_the_habits_out(steps: list) -> None:
    command.run(["tests/test_up.py", "-x"])
    assert len(steps) == 2
    assert steps[-1][-2:] == ("tests/test_up.py", "-x")


def test_full_is_told_by_the_environment_and_chooses_no_tests(steps: list) -> None:
    command.run(["--full"])
    assert len(steps) == 6
    assert steps[-1][-1] == "FULL"
    assert "--full" not in steps[-1]


def test_the_exit_code_is_that_of_pytest(steps: list, failing: set) -> None:
    failing.add("pytest")
    assert command.run(["-k", "nothing"]) == 5


def test_a_broken_habit_fails_the_run_after_the_tests(
    steps: list, failing: set, capsys: pytest.CaptureFixture
) -> None:
    failing.add("mypy")
    assert command.run([]) == 1
    assert steps[-1][1] == "pytest"
    assert "Not clean: mypy" in capsys.readouterr().err


# --- Chromium ------------------------------------------------------------------------------------------------
@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A machine without a Chromium; `installs` is the program that brings one, `ran` what was tried."""
    machine = SimpleNamespace(ran=[], installs="", has_one=False, uid=0)

    def run(words: list[str], **_options: object) -> SimpleNamespace:
        machine.ran.append(" ".join(str(word) for word in words))
        if machine.installs and machine.installs in machine.ran[-1]:
            machine.has_one = True
            return SimpleNamespace(returncode=0, stdout="")
        if "apt-get -qq update" in machine.ran[-1]:
            return SimpleNamespace(returncode=0, stdout="")
        raise subprocess.CalledProcessError(1, words)

    monkeypatch.setattr(chromium.subprocess, "run", run)
    monkeypatch.setattr(chromium, "of_the_system", lambda: "/usr/bin/chromium" if machine.has_one else "")
    monkeypatch.setattr(chromium, "of_playwright", lambda: "/cache/chrome" if machine.has_one else "")
    monkeypatch.setattr(chromium.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(chromium.os, "geteuid", lambda: machine.uid)
    return machine


def test_a_chromium_that_is_there_is_used(bare_machine: SimpleNamespace) -> None:
    bare_machine.has_one = True
    chromium.ensure(pytest.fail)
    assert bare_machine.ran == []


def test_playwright_fetches_a_missing_chromium(bare_machine: SimpleNamespace) -> None:
    bare_machine.installs = "playwright install chromium"
    said: list[str] = []
    chromium.ensure(said.append)
    assert len(bare_machine.ran) == 1
    assert said == ["Fetching Chromium for the browser tests (once; about a minute) ...\n"]


@pytest.mark.parametrize(("uid", "begins"), [(0, "env "), (1000, "sudo -n env ")])
def test_the_package_manager_helps_when_the_download_fails(
    bare_machine: SimpleNamespace, uid: int, begins: str
) -> None:
    bare_machine.uid, bare_machine.installs = uid, "install -y chromium"
    chromium.ensure(str)
    assert bare_machine.ran[-1] == f"{begins}DEBIAN_FRONTEND=noninteractive apt-get -qq install -y chromium"


def test_no_way_to_a_chromium_is_told_with_the_cure(bare_machine: SimpleNamespace) -> None:
    with pytest.raises(chromium.NoChromium, match="apt-get install chromium"):
        chromium.ensure(str)
