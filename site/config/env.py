"""Read the environment and the secrets that the data folder keeps; standard library and django-environ only."""

import os
import secrets
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parents[2]

env = environ.Env()
if (BASE_DIR / ".env").exists():
    env.read_env(BASE_DIR / ".env")


def flag(name: str, default: bool) -> bool:
    """Return a yes/no variable; anything but 1/0, true/false, yes/no, on/off is refused by name."""
    word = env.str(name, default="").strip().lower()
    if word in {"", "1", "true", "yes", "on", "0", "false", "no", "off"}:
        return word in {"1", "true", "yes", "on"} if word else default
    raise ImproperlyConfigured(f"{name}={word!r} is not understood. Write 1 or 0.")


def whole_number(name: str, default: int, at_least: int = 0) -> int:
    """Return a whole number; nonsense or a number below `at_least` is refused by name."""
    word = env.str(name, default="").strip() or str(default)
    if not word.isdecimal() or int(word) < at_least:
        raise ImproperlyConfigured(f"{name}={word!r} is not understood. Write a whole number from {at_least} up.")
    return int(word)


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    """Return one of `allowed`; another word is refused by name."""
    word = env.str(name, default="").strip().lower() or default
    if word not in allowed:
        raise ImproperlyConfigured(f"{name}={word!r} is not understood. Write one of: {', '.join(allowed)}.")
    return word


def base_url(name: str, default: str) -> str:
    """Return an http(s) address without a closing slash; it may carry a path prefix."""
    address = (env.str(name, default="").strip() or default).rstrip("/")
    if not address.startswith(("http://", "https://")) or address in {"http:", "https:"}:
        raise ImproperlyConfigured(f"{name}={address!r} is not an address. Write one like https://posts.example.com.")
    return address


def kept_secret(folder: Path, name: str, make: object = None) -> str:
    """Return the secret `name` from the data folder, made once (mode 600) when it is missing.

    folder: DATA_DIR; the secret stands in its `secrets/` folder, one file each.
    make:   a callable giving the new value; None makes 50 URL-safe characters.
    Two processes may start at once: the file is created exclusively, so both read the same value.
    """
    path = folder / "secrets" / name
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        value = make() if callable(make) else secrets.token_urlsafe(50)
        draft = path.with_name(f".{name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(value)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # the other process was faster; its value is the one that counts
        finally:
            draft.unlink()
    return path.read_text().strip()
