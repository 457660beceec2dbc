"""Read the environment and the secrets that the data folder keeps; standard library and django-environ only."""

import os
import re
import secrets
import warnings
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parents[2]

env = environ.Env()
try:
    # The tests must not depend on a developer's own file.
    if os.environ.get("PAUTA_ENV_FILE") != "none" and (BASE_DIR / ".env").exists():
        env.read_env(BASE_DIR / ".env")
except (OSError, UnicodeDecodeError) as trouble:
    raise ImproperlyConfigured(f"The file {BASE_DIR / '.env'} could not be read: {trouble}") from None


def flag(name: str, default: bool) -> bool:
    """Return a yes/no variable; anything but 1/0, true/false, yes/no, on/off is refused by name."""
    word = env.str(name, default="").strip().lower()
    if word in {"", "1", "true", "yes", "on", "0", "false", "no", "off"}:
        return word in {"1", "true", "yes", "on"} if word else default
    raise ImproperlyConfigured(f"{name}={word!r} is not understood. Write 1 or 0.")


def whole_number(name: str, default: int, at_least: int, at_most: int) -> int:
    """Return a whole number; nonsense or a number outside the bounds is refused by name."""
    word = env.str(name, default="").strip() or str(default)
    if not word.isdecimal() or len(word) > 12 or not at_least <= int(word) <= at_most:
        raise ImproperlyConfigured(
            f"{name}={word!r} is not understood. Write a whole number from {at_least} to {at_most}."
        )
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
    if not _is_address(address):
        raise ImproperlyConfigured(f"{name}={address!r} is not an address. Write one like https://posts.example.com.")
    return address


def _is_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
        has_port = parts.port != 0  # a port that is none raises
    except ValueError:
        return False
    is_plain = address.isprintable() and " " not in address and not (parts.query or parts.fragment or parts.username)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and has_port and is_plain


def pattern(name: str, default: str, form: str, example: str) -> str:
    """Return a word of the given form (a regular expression); another one is refused by name, with an example."""
    word = env.str(name, default="").strip() or default
    if not re.fullmatch(form, word):
        raise ImproperlyConfigured(f"{name}={word!r} is not understood. Write it like {example}.")
    return word


def networks(name: str) -> list[str]:
    """Return addresses or networks; one that is neither is refused by name."""
    words = [word.strip() for word in env.list(name, default=[]) if word.strip()]
    for word in words:
        try:
            ip_network(word, strict=False)
        except ValueError:
            raise ImproperlyConfigured(
                f"{name}={word!r} is not an address or network. Write them like 10.0.0.0/8,127.0.0.1."
            ) from None
    return words


def origins(name: str) -> list[str]:
    """Return web origins; one without its scheme is refused by name."""
    words = [word.strip() for word in env.list(name, default=[]) if word.strip()]
    if wrong := next((word for word in words if not re.match(r"https?://[^/]+$", word)), None):
        raise ImproperlyConfigured(f"{name}={wrong!r} is not an origin. Write them like https://posts.example.com.")
    return words


def database(name: str) -> dict[str, Any]:
    """Return a PostgreSQL or SQLite address as Django wants it; {} when it is not set. It may hold a password."""
    if not env.str(name, default=""):
        return {}
    told = _parsed(env.db_url, name)
    if told.get("ENGINE", "").rpartition(".")[2] not in {"postgresql", "sqlite3"} or not told["NAME"]:
        raise ImproperlyConfigured(
            f"{name} is not understood. Write it like postgres://user:password@host:5432/name, "
            "with special characters of the password percent-encoded."
        )
    return told


def email(name: str) -> dict[str, Any]:
    """Return a mail transport as Django's settings; mail is printed when it is not set. It may hold a password."""
    told = _parsed(env.email_url, name) if env.str(name, default="") else env.email_url_config("consolemail://")
    if not told:
        raise ImproperlyConfigured(f"{name} is not understood. Write it like smtp+tls://user:password@host:587.")
    return told


def redis(name: str) -> str:
    """Return the address of a Redis, "" when it is not set. It may hold a password."""
    address = env.str(name, default="").strip()
    if address and not address.startswith(("redis://", "rediss://", "unix://")):
        raise ImproperlyConfigured(f"{name} is not understood. Write it like redis://:password@host:6379/0.")
    return address


def media_storage(name: str) -> dict[str, Any]:
    """Return the storage of uploaded media as Django wants it: a folder, or a bucket. It may hold a secret key.

    The address: s3://KEY:SECRET@host[:port]/bucket[/folder], with ?region= (us-east-1) and ?tls=0 for plain HTTP.
    """
    address = env.str(name, default="").strip()
    if not address:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    try:
        return {"BACKEND": "scheduler.lib.bucket.Bucket", "OPTIONS": _bucket_options(address)}
    except (ValueError, TypeError):
        raise ImproperlyConfigured(
            f"{name} is not understood. Write it like s3://KEY:SECRET@s3.example.com/bucket?region=us-east-1, "
            "with special characters of the secret percent-encoded; ?tls=0 for a server without TLS."
        ) from None


def _bucket_options(address: str) -> dict[str, Any]:
    """Return django-storages' options. Raises ValueError, TypeError for what is no such address."""
    parts = urlsplit(address)
    told = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    bucket, _slash, folder = parts.path.strip("/").partition("/")
    key, secret = unquote(parts.username or ""), unquote(parts.password or "")
    is_whole = parts.scheme == "s3" and parts.hostname and bucket and key and secret and parts.port != 0
    if not is_whole or told.keys() - {"region", "tls"} or told.get("tls", "1") not in {"0", "1"}:
        raise ValueError
    host = parts.netloc.rpartition("@")[2]
    is_amazon = str(parts.hostname).endswith("amazonaws.com")
    return {
        "access_key": key,
        "secret_key": secret,
        "bucket_name": bucket,
        "location": folder,
        "endpoint_url": f"{'http' if told.get('tls') == '0' else 'https'}://{host}",
        "region_name": told.get("region", "us-east-1"),
        "addressing_style": "auto" if is_amazon else "path",
        "signature_version": "s3v4",
        "default_acl": None,
        "file_overwrite": False,
        "querystring_auth": True,
    }


def _parsed(parse: Any, name: str) -> dict[str, Any]:
    """Return what django-environ makes of an address, {} for nonsense; its warnings would show the password."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return parse(name)
        except (ValueError, KeyError, ImproperlyConfigured):
            return {}


def data_folder(name: str, default: Path) -> Path:
    """Return the data folder, made when it is missing; one that cannot be used is told with its cure."""
    folder = Path(env.str(name, default="") or default).expanduser().resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        usable = os.access(folder, os.R_OK | os.W_OK | os.X_OK)
        why = "it may not be read and written by this user"
    except OSError as trouble:
        usable, why = False, trouble.strerror or str(trouble)
    if not usable:
        raise ImproperlyConfigured(
            f"The data folder {folder} cannot be used: {why}. "
            f"Give it to the user that runs Pauta, or set {name} to another folder."
        )
    return folder


def kept_secret(folder: Path, name: str, make: object = None) -> str:
    """Return the secret `name` from the data folder, made once (mode 600) when it is missing.

    folder: DATA_DIR; the secret stands in its `secrets/` folder, one file each.
    make:   a callable giving the new value; None makes 50 URL-safe characters.
    Two processes may start at once: the file is created exclusively, so both read the same value.
    """
    path = folder / "secrets" / name
    try:
        return _kept(path, make)
    except (OSError, UnicodeDecodeError) as trouble:
        why = getattr(trouble, "strerror", "") or str(trouble)
        raise ImproperlyConfigured(
            f"The secret {path} cannot be used: {why}. Give it to the user that runs Pauta, mode 600."
        ) from None


def _kept(path: Path, make: object) -> str:
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        value = make() if callable(make) else secrets.token_urlsafe(50)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(value)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # the other process was faster; its value is the one that counts
        finally:
            draft.unlink()
    if not (kept := path.read_text().strip()):
        raise ImproperlyConfigured(f"The secret {path} is empty. Put it back from your backup.")
    return kept
