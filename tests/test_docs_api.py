"""docs/api.md is true: a shell runs its jobs as they stand there, against the site and the simulated Instagram."""

import json
import os
import re
import shutil
import subprocess
from urllib.parse import urlsplit

import pytest

from scheduler.lib import clock
from scheduler.models import ApiToken, CsvImport, MediaAsset, ScheduledPost, Upload, Webhook
from scheduler.models.api_token import Scope
from tests.media import corpus
from tests.publishing.conftest import account, instagram, time  # noqa: F401 - fixtures
from tests.test_docs import ROOT
from tests.test_forms import picture

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sandbox"])
TEXT = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
BEGINNING, *JOBS = re.split(r"^## (?=\d)", TEXT, flags=re.MULTILINE)
PLAN = "date,time,caption,media\n2030-03-15,18:30,Rye,loaf.jpg\n2030-03-16,18:30,Rolls,no-such-file.jpg\n"


def commands(section):
    return "\n".join(re.findall(r"```sh\n(.*?)```", section, re.DOTALL))


def answers_in(text):
    """Return the JSON that was answered, one after the other."""
    decoder, found = json.JSONDecoder(), []
    while text.strip():
        one, end = decoder.raw_decode(text.lstrip())
        found.append(one)
        text = text.lstrip()[end:]
    return found


@pytest.fixture
def folder(tmp_path, settings):
    """A folder with the files that the jobs send."""
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    here = tmp_path / "here"
    here.mkdir()
    (here / "loaf.jpg").write_bytes(picture("loaf.png", colour="#6b4a2b").read())
    (here / "rolls.jpg").write_bytes(picture("rolls.png", colour="#d9a066").read())
    (here / "oven.mp4").write_bytes(corpus.film(4.0))
    (here / "plan.csv").write_text(PLAN)
    return here


@pytest.fixture
def shell(live_server, alice, folder):
    """Run the commands as a person pastes them, with their own address and token; returns what each job printed."""
    _token, secret = ApiToken.make(alice, "docs", list(Scope.values), clock.now())

    def run(jobs):
        known = {
            "https://pauta.example.com": live_server.url,
            "pauta_your-token": secret,
            "head -c 5000000": "head -c 20000",
        }
        script = "set -euo pipefail\n" + "\necho '=== next job'\n".join(commands(job) for job in [BEGINNING, *jobs])
        for theirs, ours in known.items():
            assert theirs in script, f"docs/api.md names {theirs} no more"
            script = script.replace(theirs, ours)
        env = {"PATH": os.environ["PATH"], "HOME": str(folder), "no_proxy": "*"}
        done = subprocess.run(
            ["bash", "-c", script], cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr}"
        return done.stdout.split("=== next job\n")[1:]

    return run


@pytest.mark.skipif(not shutil.which("curl"), reason="the jobs are written for curl")
def test_the_ten_jobs_do_what_they_say(shell, account, folder):  # noqa: F811
    assert len(JOBS) == 10
    told = dict(enumerate(shell(JOBS), start=1))
    photo, carousel, reel, *imported = ScheduledPost.objects.order_by("pk")

    assert answers_in(told[1])[0]["results"][0]["instagram_username"] == "padaria.aurora"
    assert MediaAsset.objects.filter(kind="image").count() == 2
    assert [place.alt_text for place in photo.media.all()] == ["A dark round loaf, cut in half"]
    assert (carousel.media_type, carousel.media.count(), carousel.status) == ("CAROUSEL", 2, "scheduled")
    assert carousel.options["collaborators"] == ["atelie.ipe"]
    assert carousel.media.first().options["user_tags"][0]["username"] == "estudio.lume"
    assert (reel.media_type, reel.options["thumb_offset"], reel.status) == ("REELS", 1500, "scheduled")
    assert Upload.objects.get().asset == reel.media.get().asset
    assert answers_in(told[6])[0]["scheduled_for"].endswith("T12:15:00Z")
    planned, days, stats = answers_in(told[7])
    assert [post["id"] for post in planned["results"]] == [photo.pk, carousel.pk, reel.pk]
    assert days["days"] and stats
    assert photo.status == "published" and f"}}{photo.instagram_media_id}\n" in told[8]
    assert Webhook.objects.get().events == ["post.published", "post.failed", "post.held"]
    assert "media_publish" in told[9] and '"Deleted."' in told[9]
    assert [post.caption for post in imported if post.deleted_at is None] == ["Rye"]
    assert (CsvImport.objects.get().count, "no-such-file.jpg" in told[10]) == (1, True)
    assert "Two for the weekend." in (folder / "posts.csv").read_text(encoding="utf-8-sig")


def test_its_refusal_is_one_that_comes(client, alice):
    [example] = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    client.force_login(alice)
    address = "/api/v1/social/scheduled-posts/"
    answer = client.post(address, {"caption": "x" * 20_001}, content_type="application/json")
    assert answer.json() == json.loads(example)


def test_the_paths_it_names_are_there():
    assert urlsplit(re.search(r"PAUTA=(\S+)", TEXT)[1]).path == "/api/v1/social"
