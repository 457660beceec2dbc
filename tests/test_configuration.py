"""Nonsense in a variable stops the start with one line that names it; what cannot be used is told with its cure."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HUGE = "4" * 5000


def start(folder, **surroundings):
    """Run what stops at the settings when they cannot be read; return what it said."""
    env = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "PAUTA_ENV_FILE"}}
    env |= {"DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "config.settings"} | surroundings
    words = [sys.executable, "manage.py", "check_settings_are_read"]
    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, timeout=30)
    return done.stderr


@pytest.mark.parametrize(("name", "value"), [
    ("PORT", "99999"),
    ("PORT", HUGE),
    ("WORKERS", "0"),
    ("WORKERS", "100000"),
    ("MISSED_AFTER_MINUTES", "-1"),
    ("INSTAGRAM_DAILY_POST_LIMIT", "many"),
    ("PUBLIC_BASE_URL", "posts.example.com"),
    ("PUBLIC_BASE_URL", "https:///posts"),
    ("PUBLIC_BASE_URL", "http://[::1"),
    ("PUBLIC_BASE_URL", "https://posts.example.com:port"),
    ("PUBLIC_BASE_URL", "https://posts.example.com/?a=b"),
    ("INSTAGRAM_GRAPH_URL", "graph"),
    ("TRUSTED_PROXIES", "10.0.0.0/8,the proxy"),
    ("CSRF_TRUSTED_ORIGINS", "posts.example.com"),
    ("LOGIN_RATE", "often"),
    ("LOGIN_RATE", "5/fortnight"),
    ("GRAPH_API_VERSION", "../v1"),
    ("DATABASE_URL", "nonsense"),
    ("DATABASE_URL", "mysql://u:S3NT1NEL@h/n"),
    ("DATABASE_URL", "postgres://u:S3NT1NEL@h:port/n"),
    ("REDIS_URL", "localhost:6379"),
    ("MEDIA_STORAGE_URL", "s3://KEY:S3NT1NEL@host"),
    ("EMAIL_URL", "nonsense"),
    ("EMAIL_URL", "smtp://u:S3NT1NEL@h:port"),
    ("LOG_LEVEL", "loud"),
    ("LOG_FORMAT", "xml"),
    ("DEBUG", "perhaps"),
    ("INSTAGRAM_SANDBOX", "maybe"),
])  # fmt: skip
def test_nonsense_is_refused_by_name(tmp_path, name, value):
    said = start(tmp_path, **{name: value})
    assert said.startswith(name) and "\n" not in said.strip()
    assert "S3NT1NEL" not in said


@pytest.fixture
def refuse(tmp_path):
    """Start with a data folder that cannot be used; return what was said."""

    def refuse(folder):
        said = start(folder)
        assert "\n" not in said.strip()
        return said

    return refuse


def test_a_data_folder_that_is_a_file_is_told_with_its_cure(refuse, tmp_path):
    (tmp_path / "file").write_text("")
    assert "set DATA_DIR to another folder" in refuse(tmp_path / "file")


def test_a_data_folder_below_a_file_is_told_with_its_cure(refuse, tmp_path):
    (tmp_path / "file").write_text("")
    assert "set DATA_DIR to another folder" in refuse(tmp_path / "file" / "data")


def test_a_secret_that_cannot_be_read_is_named(refuse, tmp_path):
    (tmp_path / "secrets" / "secret_key").mkdir(parents=True)
    assert f"The secret {tmp_path / 'secrets' / 'secret_key'} cannot be used" in refuse(tmp_path)


def test_an_empty_secret_is_not_replaced(refuse, tmp_path):
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "fernet_key").write_text("")
    assert "is empty. Put it back from your backup." in refuse(tmp_path)
