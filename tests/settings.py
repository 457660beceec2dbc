"""The product's settings on a data folder of its own, with nothing from this machine's environment.

PAUTA_TEST_DATABASE_URL, and only that, puts the tests on another database than SQLite; PAUTA_TEST_REDIS_URL puts
queue and cache into Redis.
"""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests.test_docs import variables_documented

_HERE = Path(tempfile.mkdtemp(prefix="pauta-tests-"))


def _tidy_up(pid: int = os.getpid()) -> None:
    """Remove the folder at the end of the process that made it, and not of its forks."""
    if os.getpid() == pid:
        shutil.rmtree(_HERE, ignore_errors=True)


atexit.register(_tidy_up)
# The outermost process of a run chooses where all of them find the tables (tests/installation.py).
os.environ.setdefault("PAUTA_TEST_TABLES", str(_HERE / "tables"))
# Whatever the surroundings prefer: a hundred processes would each compile all of it anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
for _name in variables_documented():
    os.environ.pop(_name, None)
os.environ["PAUTA_ENV_FILE"] = "none"  # nor with what a developer's .env says; the tests' own processes inherit it
for _name in ("DATABASE_URL", "REDIS_URL"):
    if os.environ.get(f"PAUTA_TEST_{_name}"):
        os.environ[_name] = os.environ[f"PAUTA_TEST_{_name}"]
os.environ |= {"DATA_DIR": str(_HERE), "PORT": "80", "PUBLIC_BASE_URL": "http://testserver", "LOG_LEVEL": "warning"}

from config.settings import *  # noqa: E402, F403 - the environment must be set first

ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Everything the simulated Instagram is asked goes through an adapter that serves this host without a socket.
for _url in ("FACEBOOK_GRAPH", "INSTAGRAM_GRAPH", "INSTAGRAM_API", "INSTAGRAM_WWW", "FACEBOOK_WWW", "RUPLOAD"):
    _host = {"FACEBOOK": "facebook.com", "INSTAGRAM": "instagram.com", "RUPLOAD": "facebook.com"}[_url.split("_")[0]]
    _kind = "rupload" if _url == "RUPLOAD" else _url.split("_")[1].lower()
    globals()[f"{_url}_URL"] = f"http://testserver/sandbox/{_kind}.{_host}"
# In a file as in production: a connection in memory would be shared by the browser tests' server and the test itself.
for _name in ("default", "sandbox"):
    if DATABASES[_name]["ENGINE"].endswith("sqlite3"):  # noqa: F405
        DATABASES[_name]["TEST"] = {"NAME": _HERE / f"test-{_name}.sqlite3"}  # noqa: F405
