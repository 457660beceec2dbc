"""What long-lived processes must not load: a decoder costs each of them many megabytes, for work few of them do."""

import subprocess
import sys

import pytest

# What decodes, and what speaks with a bucket that is not there.
DECODERS = {"av", "pillow_heif", "boto3", "botocore"}
WEB_ONLY = {"PIL", "drf_spectacular"}
LOADED = "import sys; print(' '.join(sorted({name.split('.')[0] for name in sys.modules})))"
CLUSTER = "import django; django.setup(); import scheduler.management.commands.qcluster; "
WEB = "import django; django.setup(); from django.urls import get_resolver; get_resolver().reverse_dict; "


@pytest.mark.parametrize(
    ("starts", "never"), [(CLUSTER, DECODERS | WEB_ONLY), (WEB, DECODERS)], ids=["cluster", "web server"]
)
def test_a_process_starts_without_decoders(starts: str, never: set[str]) -> None:
    paths = f"import sys; sys.path[:0] = {[path for path in sys.path if path]!r}; "
    settings = "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.settings'; "
    said = subprocess.run(
        [sys.executable, "-c", paths + settings + starts + LOADED], capture_output=True, text=True, check=True
    )
    loaded = set(said.stdout.split())
    assert "django" in loaded
    assert not loaded & never
