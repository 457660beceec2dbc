"""The first person of an installation: a one-time code proves that they run it."""

import secrets
from pathlib import Path

from django.conf import settings
from django.db import transaction

from config.env import kept_secret
from scheduler.models import User

# Nothing that looks like something else: no 0 or O, no 1, I or L.
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
NAME = "setup_code"


def is_awaited() -> bool:
    """Return whether nobody has an account yet."""
    return not User.objects.exists()


def setup_code() -> str:
    """Return the code, made once into the data folder: three groups of four letters."""
    return kept_secret(settings.DATA_DIR, NAME, _new_code)


def check_code(code: str) -> bool:
    """Return whether `code` is the one; case, spaces and hyphens do not matter."""
    return secrets.compare_digest(_plain(code).encode(), _plain(setup_code()).encode())


def make(*, username: str, password: str, timezone: str, language: str) -> User | None:
    """Return the first person, who may do everything; None when somebody was faster. The code ends with it."""
    with transaction.atomic():
        if not is_awaited():
            return None
        person = User.objects.create_superuser(username, password=password, timezone=timezone, language=language)
    (Path(settings.DATA_DIR) / "secrets" / NAME).unlink(missing_ok=True)
    return person


def _new_code() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def _plain(code: str) -> str:
    return "".join(letter for letter in code.upper() if letter.isalnum())
