"""No token, secret or code ever shows: a sentinel goes through everything and is searched for everywhere."""

import base64
import io
import json
import logging
import os
import re
import subprocess
import sys
import threading
import traceback
import zlib
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import count
from multiprocessing import Value
from queue import Queue

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.sessions.models import Session
from django.core.management.color import no_style
from django.db import connection, connections
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, get_resolver, reverse
from django.views.debug import ExceptionReporter, get_exception_reporter_class
from django_q import monitor as q_monitor
from django_q import worker as q_worker
from django_q.models import OrmQ, Task

from scheduler import tasks
from scheduler.instagram import client, page_client
from scheduler.instagram import facebook_login as facebook_login_flow
from scheduler.instagram.client import Client, new_session, proof_of
from scheduler.instagram.errors import InstagramError
from scheduler.instagram.facebook_login import FacebookLogin
from scheduler.instagram.oauth import InstagramLogin
from scheduler.lib import clock
from scheduler.lib.redaction import SecretsFilter
from scheduler.models import (
    InstagramAccount,
    Notification,
    PendingConnection,
    PublishingLog,
    ScheduledPost,
    Status,
    User,
    api_token,
    calendar_feed,
    webhook,
)
from scheduler.models.fields import vault
from scheduler.sandbox import ids
from scheduler.services import events, instagram_connecting, webhook_sender, words
from scheduler.services.clients import client_for, facebook_login, instagram_login
from scheduler.services.revoking import grant_of
from tests.publishing.conftest import status

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])

TOKEN, CODE, APP, CRON = "S3NT1NELt0ken", "S3NT1NELc0de", "S3NT1NELapp", "S3NT1NELcr0n"
FEED, HOOK, PROGRAM = "S3NT1NELfeed", "S3NT1NELhook", "S3NT1NELprogram"
ANY = re.compile(r"S3NT1NEL\w*")
NUMBERS = count()  # no two secrets are alike, whatever was lived before
PROOFS: list[str] = []  # each appsecret_proof that was made; nothing in it tells that it is one
OURS = ("scheduler", "django", "django-q")


class Bug(Exception):
    """Something nobody thought of."""


@pytest.fixture(autouse=True)
def sentinels(settings, monkeypatch):
    """Let every secret of the tests be one that can be searched for."""
    monkeypatch.setattr(ids, "token", lambda: f"IGAA{TOKEN}{next(NUMBERS)}")
    monkeypatch.setattr(calendar_feed, "_new_secret", lambda: f"{FEED}{next(NUMBERS)}")
    monkeypatch.setattr(webhook, "_new_secret", lambda: f"whsec_{HOOK}{next(NUMBERS)}")
    monkeypatch.setattr(api_token, "_new_secret", lambda: f"pauta_{PROGRAM}{next(NUMBERS)}")
    monkeypatch.setattr(ids, "login_code", lambda: f"AQD{CODE}{next(NUMBERS)}")
    monkeypatch.setattr(ids, "facebook_token", lambda: f"EAA{TOKEN}{next(NUMBERS)}")
    monkeypatch.setattr(ids, "facebook_code", lambda: f"AQA{CODE}{next(NUMBERS)}")
    settings.INSTAGRAM_APP_SECRET, settings.FACEBOOK_APP_SECRET, settings.CRON_SECRET = APP, APP, CRON
    PROOFS.clear()
    for module in (client, page_client, facebook_login_flow):
        monkeypatch.setattr(module, "proof_of", noted_proof)


def noted_proof(token, app_secret):
    PROOFS.append(proof_of(token, app_secret))
    return PROOFS[-1]


class Raw(logging.Handler):
    """Keeps what our own loggers say, as they said it, before anything is masked."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.said = []

    def emit(self, record):
        if record.name.startswith(OURS):
            self.said.append(logging.Formatter("%(name)s %(message)s").format(record))


@pytest.fixture
def log(db, monkeypatch):
    """Log everything there is; return what the product's handler wrote and what our loggers said."""
    root, raw, written = logging.getLogger(), Raw(), io.StringIO()
    console = next(one for one in root.handlers if any(isinstance(f, SecretsFilter) for f in one.filters))
    names = ["", "urllib3", "requests", "django", "django.db.backends", "django.request", "scheduler", "django-q"]
    for name in names:
        monkeypatch.setattr(logging.getLogger(name), "level", logging.DEBUG)
    root.manager._clear_cache()
    monkeypatch.setattr(root, "handlers", [raw, *root.handlers])
    stream = console.setStream(written)
    with CaptureQueriesContext(connection):
        yield written, raw
    console.setStream(stream)
    root.manager._clear_cache()


@pytest.fixture
def alice(db):
    """Return Alice, also where a whole life was brought back."""
    known = User.objects.filter(username="alice").first()
    return known or User.objects.create_user("alice", password="alice's password", timezone="America/Sao_Paulo")


@pytest.fixture
def alice_in(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def account(alice_in, instagram, alice):
    """Connect by the pages, so that code, short and long token pass everything they pass in real life."""
    callback = instagram.allow(alice_in.get("/accounts/connect/instagram/").headers["Location"])
    alice_in.get(callback.removeprefix("http://testserver").removesuffix("#_"))
    account = InstagramAccount.objects.get()
    assert TOKEN in account.token()
    return account


@pytest.fixture(scope="module")
def rows_of_a_life():
    """What one life left, kept for the tests that only look at it."""
    return {}


@pytest.fixture
def life(request, client, db, rows_of_a_life):
    """Return the account of a life that was lived; the first test lives it, the others get its rows back."""
    if not rows_of_a_life:
        account = request.getfixturevalue("fresh_life")
        browser = client.cookies["sessionid"].value
        rows_of_a_life |= {"account": account.pk, "proofs": [*PROOFS], "browser": browser, "rows": [*_all_rows()]}
        return account
    for database, rows in rows_of_a_life["rows"]:
        _bring_back(database, rows)
    PROOFS.extend(rows_of_a_life["proofs"])
    client.cookies["sessionid"] = rows_of_a_life["browser"]
    return InstagramAccount.objects.get(pk=rows_of_a_life["account"])


def _all_rows():
    """Yield the rows of each table with the database they are in."""
    for model in apps.get_models(include_auto_created=True):
        database = "sandbox" if model._meta.app_label == "sandbox" else "default"
        yield database, list(model._base_manager.using(database).all())


def _bring_back(database, rows):
    """Write rows of one table as they were; the names of tables and permissions are there in every database."""
    if rows:
        model, there = type(rows[0]), connections[database]
        model._base_manager.using(database).bulk_create(rows, ignore_conflicts=True)
        with there.cursor() as cursor:
            for statement in there.ops.sequence_reset_sql(no_style(), [model]):
                cursor.execute(statement)


@pytest.fixture
def fresh_life(account, plan, work, instagram, alice, time, alice_in):
    """Publish, fail in many ways, ask, hold, and disconnect nothing: rows of every kind. Return the account."""
    _listen(alice, time)
    _let_a_program_in(alice, account, time)
    _live_behind_a_page(alice_in, instagram, plan, work)
    _read_the_feed(alice_in)
    work(plan(first_comment="More"), until=lambda post: post.first_comment_id)
    troubles = [
        {"kind": "create", "code": 2, "times": 9},
        {"kind": "create", "code": 100, "message": f"Cannot use {account.token()} here"},
        {"kind": "create", "play": "html"},
        {"kind": "publish", "play": "drop", "after_work": True},
        {"kind": "publish", "play": "slow", "seconds": 60, "after_work": True},
        {"kind": "comment", "code": 200, "times": 9},
    ]
    for trouble in troubles:
        instagram.next_call(trouble.pop("kind"), trouble.pop("play", "error"), **trouble)
        work(plan(first_comment="More"))
        instagram.clear_script()
    instagram.next_call("any", code=190, subcode=463, message=f"Session of {account.token()} has expired")
    plan(), work(plan())
    return InstagramAccount.objects.get(pk=account.pk)


def _listen(alice, time):
    """Have a webhook told of everything; nobody answers there."""
    facts = {"url": "https://hook.example/", "events": webhook.Event.values, "created_at": time.now()}
    mine = webhook.Webhook(user=alice, **facts)
    mine.renew_secret(time.now()), mine.renew_secret(time.now())
    events.send_test(mine, time.now())
    assert webhook_sender.queue(time.now).deliver_next()
    assert HOOK in " ".join(mine.secrets(time.now()))


def _let_a_program_in(alice, account, time):
    """Have a program write a post with a token, and ask once more for the answer that was kept."""
    token, secret = api_token.ApiToken.make(alice, "Mine", api_token.Scope.values, time.now())
    known = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "one"}
    body = {"instagram_account": account.pk, "caption": "By a program"}
    answers = [
        Browser().post("/api/v1/social/scheduled-posts/", body, "application/json", headers=known) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201] and PROGRAM in secret
    assert not found([answer.text for answer in answers]) and not found([token, vars(token)])


def _read_the_feed(alice_in):
    """Make a secret address and ask for it; what is said of one that is wrong is in test_calendar_feed.py."""
    alice_in.post(reverse("feed"), {"act": "make"})
    address = calendar_feed.CalendarFeed.objects.get().address()
    path, known = address.removeprefix(settings.PUBLIC_BASE_URL), {"If-None-Match": "*"}
    assert Browser().get(path, headers=known).status_code == 304


def _live_behind_a_page(alice_in, instagram, plan, work):
    """Connect an account by Facebook's dialog, publish and fail through its Page, and leave a picker open."""
    rafael = instagram.person("rafael")
    rafael.roles.exclude(page__name="Oficina Prado").update(is_lost=True)
    for person in (rafael, instagram.person("marina")):
        address = alice_in.get("/accounts/connect/facebook/").headers["Location"]
        alice_in.get(instagram.allow_facebook(address, person).removeprefix("http://testserver").partition("#")[0])
    behind = InstagramAccount.objects.get(login="facebook")
    assert TOKEN in behind.token() and TOKEN in behind.user_token() and behind.token() != behind.user_token()
    work(plan(whose=behind, first_comment="More"), until=lambda post: post.first_comment_id)
    for kind in ("status", "create", "publish"):
        said = f"Cannot use {behind.token()} or {behind.user_token()}, with {APP}"
        instagram.next_call(kind, code=100, message=said, times=2)
        work(plan(whose=behind))
        instagram.clear_script()


def found(text):
    """Return every sentinel, and every proof, in a text."""
    text = str(text)
    return set(ANY.findall(text)) | {proof for proof in PROOFS if proof in text}


# --- Log lines and tracebacks -----------------------------------------------------------------------------------
def test_no_log_line_shows_one(log, fresh_life, caplog):
    written, raw = log
    assert "INSERT INTO" in written.getvalue()  # it really is everything
    assert not found(written.getvalue())
    assert not found("\n".join(raw.said))
    assert PROOFS  # and they were looked for


def test_no_handler_writes_past_the_filter(settings):
    """In a process of its own, because a test runner adds handlers."""
    script = (
        "import django, logging; django.setup(); root = logging.getLogger();"
        "every = [root, *(one for one in root.manager.loggerDict.values() if isinstance(one, logging.Logger))];"
        "print([(one.name, each) for one in every for each in one.handlers"
        " if not any(type(f).__name__ == 'SecretsFilter' for f in each.filters)])"
    )
    env = os.environ | {"PYTHONPATH": "site", "DJANGO_SETTINGS_MODULE": "config.settings", "DEBUG": "1"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=env, cwd=settings.BASE_DIR, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_a_line_with_the_wrong_number_of_words_is_masked_all_the_same(log, caplog):
    written, _raw = log
    logging.getLogger("requests").warning("%s and %s", f"access_token=IGAA{TOKEN}")
    assert "[hidden]" in written.getvalue() and not found(written.getvalue())


def test_the_filter_is_needed_and_holds_for_urllib3(log):
    """The one call with a token in its address, over a real socket: urllib3 says that address at DEBUG."""
    written, _raw = log

    class Instagram(BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps({"access_token": f"IGAA{TOKEN}long", "expires_in": 5_000_000}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words):
            """Say nothing of its own."""

    with HTTPServer(("127.0.0.1", 0), Instagram) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        here = f"http://127.0.0.1:{server.server_port}"
        login = InstagramLogin(
            app_id="1",
            app_secret=APP,
            www_url=here,
            api_url=here,
            graph_url=here,
            version="v1",
            session=new_session(),
        )
        assert login.exchange_for_long_lived(f"IGAA{TOKEN}short").token
        server.shutdown()
    assert "urllib3.connectionpool" in written.getvalue() and "/access_token?" in written.getvalue()
    assert not found(written.getvalue())


@pytest.fixture
def broken(account, plan, monkeypatch):
    """Return a post whose publishing stumbles over a bug of ours, deep inside the client."""

    def stumble(client, step, method, path, **words):
        secret = client._token  # in the frame, as a real bug would have it
        raise Bug(f"stumbled at {path} with {len(secret)} characters")

    post = plan()
    monkeypatch.setattr(Client, "_call", stumble)
    return post


def test_an_unhandled_error_of_a_page_shows_none(log, broken, alice_in):
    written, raw = log
    alice_in.raise_request_exception = False
    answer = alice_in.post(reverse("post-publish-now", args=[broken.pk]))
    assert answer.status_code == 500 and "Bug: stumbled" in written.getvalue()
    assert not found(answer.text) and not found(written.getvalue()) and not found("\n".join(raw.said))


def test_djangos_own_error_page_shows_none(broken, alice_in, settings):
    settings.DEBUG = True
    alice_in.raise_request_exception = False
    answer = alice_in.post(reverse("post-publish-now", args=[broken.pk]))
    assert answer.status_code == 500 and "stumbled" in answer.text
    assert not found(answer.text)


CALLBACKS = {"instagram": (InstagramLogin, f"AQD{CODE}"), "facebook": (FacebookLogin, f"AQA{CODE}")}


@pytest.fixture(params=CALLBACKS)
def broken_sign_in(request, alice_in, monkeypatch, instagram):
    """Return the address of a callback that stumbles over a bug of ours with the person's code in its hands."""
    flow, code = CALLBACKS[request.param]

    def stumble(login, short_code, redirect_uri):
        raise Bug(f"stumbled with {len(short_code)} characters")

    monkeypatch.setattr(flow, "exchange_code", stumble)
    location = alice_in.get(f"/accounts/connect/{request.param}/").headers["Location"]
    return f"/accounts/callback/{request.param}/?state={re.search(r'state=([^&]+)', location)[1]}&code={code}#_=_"


@pytest.mark.parametrize("debug", [True, False])
def test_a_sign_in_that_stumbles_shows_none(log, broken_sign_in, alice_in, settings, debug):
    written, _raw = log
    settings.DEBUG = debug
    alice_in.raise_request_exception = False
    answer = alice_in.get(broken_sign_in)
    assert answer.status_code == 500 and "Bug: stumbled" in written.getvalue()
    assert not found(answer.text) and not found(written.getvalue())


def test_a_report_by_mail_about_a_sign_in_shows_none(broken_sign_in, alice_in):
    with pytest.raises(Bug) as caught:
        alice_in.get(broken_sign_in)
    frames, tb = [], caught.value.__traceback__
    while tb:
        frames.append(tb.tb_frame)
        tb = tb.tb_next
    asked = next(frame.f_locals["request"] for frame in reversed(frames) if "request" in frame.f_locals)
    reporter = get_exception_reporter_class(asked)(asked, caught.type, caught.value, caught.tb, is_email=True)
    assert "stumbled" in reporter.get_traceback_text()
    assert not found(reporter.get_traceback_text()) and not found(reporter.get_traceback_html())


def test_the_password_of_a_form_that_stumbles_is_not_shown(db, settings, client, monkeypatch):
    settings.DEBUG = True
    monkeypatch.setattr("scheduler.views.people.Attempts.wait", lambda *_: 1 / 0)
    client.raise_request_exception = False
    answer = client.post("/login/", {"username": "alice", "password": f"{TOKEN} of mine"})
    assert answer.status_code == 500 and "alice" in answer.text
    assert not found(answer.text)


def test_a_report_by_mail_shows_none(broken, service, rf):
    with pytest.raises(Bug) as caught:
        broken.publish_now(now=clock.now())
        service.publish_post(broken)
    reporter = ExceptionReporter(rf.get("/"), caught.type, caught.value, caught.tb, is_email=True)
    assert "stumbled" in reporter.get_traceback_text()
    assert not found(reporter.get_traceback_text()) and not found(reporter.get_traceback_html())


@pytest.mark.skipif(bool(settings.REDIS_URL), reason="the queue has tables only without Redis")
def test_a_task_that_failed_shows_none_in_the_queues_tables(broken, monkeypatch):
    broken.publish_now(now=clock.now())
    tasks.dispatch(broken.pk)
    queued = OrmQ.objects.get()
    assert not found(queued.task) and not found(unpacked(queued.payload))
    todo, done = Queue(), Queue()
    todo.put(queued.task), todo.put("STOP")
    for module in (q_worker, q_monitor):
        monkeypatch.setattr(module, "close_old_django_connections", lambda: None)  # they are the test's own
    q_worker.worker(todo, done, Value("f", -1))
    done.put("STOP")
    q_monitor.monitor(done)
    failed = Task.objects.get()
    assert not failed.success and "stumbled" in failed.result
    assert not found([failed.result, failed.args, failed.kwargs, failed.name])


@pytest.mark.parametrize("play", ["drop", "html", "not_json", "truncated", "empty", "server_error"])
def test_an_error_of_instagram_holds_none_however_it_is_looked_at(account, instagram, play):
    client = client_for(account)
    instagram.next_call("me", play)
    with pytest.raises(InstagramError) as caught:
        client.read_profile()
    error = caught.value
    seen = [str(error), repr(error), error.body, vars(error), traceback.format_exception(error)]
    seen += [vars(client.last_exchange)]
    assert not found(seen)


def test_a_token_that_instagram_echoes_is_masked(account, instagram):
    client = client_for(account)
    instagram.next_call("me", code=100, message=f"Bad {account.token()}")
    with pytest.raises(InstagramError) as caught:
        client.read_profile()
    assert "[hidden]" in str(caught.value)
    assert not found([str(caught.value), vars(caught.value), vars(client.last_exchange)])


# --- Rows -------------------------------------------------------------------------------------------------------
def test_no_row_of_any_table_shows_one(fresh_life):
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if not name.startswith("sandbox")]
        shown = {}
        for table in tables:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows = cursor.fetchall()
            shown[table] = found(rows) | found([unpacked(value) for row in rows for value in row])
    assert "scheduler_publishinglog" in shown and PublishingLog.objects.count() > 20
    assert not {table: secrets for table, secrets in shown.items() if secrets}


def unpacked(value):
    """Return what a text may hide: base64, compressed or not."""
    pieces = []
    for piece in re.split(r"[:.]", value) if isinstance(value, str) else []:
        with suppress(ValueError):
            data = base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4))
            pieces.append(data.decode("latin-1"))
            with suppress(zlib.error):
                pieces.append(zlib.decompress(data).decode("latin-1"))
    return pieces


def test_no_session_holds_one(life):
    assert Session.objects.exists()
    assert not found([session.get_decoded() for session in Session.objects.all()])


def test_the_sealed_column_is_what_the_key_opens(life):
    sealed = life.access_token.ciphertext
    assert sealed.startswith("gAAAA") and TOKEN not in sealed
    assert TOKEN in life.token()


# --- Reprs ------------------------------------------------------------------------------------------------------
def test_no_text_form_shows_one(life, instagram, alice):
    token = life.token()
    login = instagram_login()
    callback = instagram.allow(instagram_connecting.start_instagram_login(alice, "s"))
    short = login.exchange_code(re.search(r"code=([^&#]+)", callback)[1], instagram_connecting.redirect_uri())
    long_lived = login.exchange_for_long_lived(short.token)
    client = client_for(life)
    things = [life, life.access_token, client, client._transport, client._secrets, login, short, long_lived]
    things += [login.last_exchange, *PublishingLog.objects.all(), *ScheduledPost.objects.all()]
    behind = InstagramAccount.objects.get(login="facebook")
    things += [behind, client_for(behind), facebook_login(), *PendingConnection.objects.all(), grant_of(behind)]
    for thing in things:
        assert not found(f"{thing} {thing!r} {thing!s}"), type(thing)
    assert not found(vars(life)) and TOKEN in token
    assert not found(InstagramAccount.objects.values()) and not found(repr(list(InstagramAccount.objects.all())))


def test_no_notice_shows_one(life):
    told = list(Notification.objects.all())
    assert len(told) >= 3
    assert not found([words.notice(one) for one in told])


# --- Pages ------------------------------------------------------------------------------------------------------
def addresses(patterns=None, before=""):
    """Return every address of the URLconf, each parameter filled with what there is; not the sandbox's."""
    one_of_each = {(post.status, post.last_error): post.pk for post in ScheduledPost.objects.all()}
    numbers = {*one_of_each.values(), *InstagramAccount.objects.values_list("pk", flat=True)}
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if route.startswith("sandbox/") or "(?P" in route:
            continue
        if isinstance(pattern, URLPattern):
            yield from filled(route, numbers)
        else:
            yield from addresses(pattern.url_patterns, route)


def filled(route, numbers):
    names = re.findall(r"<(?:\w+:)?(\w+)>", route)
    for number in numbers if names else [0]:
        yield "/" + re.sub(r"<[^>]+>", str(number), route).rstrip("$")


def admins():
    """Return the addresses of every admin list and of each row's pages."""
    for model, _page in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        for row in model._default_manager.all()[:5]:
            for page in ("change", "history", "delete"):
                yield reverse(f"{name}_{page}", args=[row.pk])


def walk(browser, paths):
    """Open each address; return the sentinels that any answer shows, by address, and how many pages came."""
    shown, opened = {}, 0
    for path in paths:
        answer = browser.get(path)
        text = b"".join(answer).decode("latin-1") if answer.streaming else answer.text
        opened += answer.status_code == 200
        secrets = found(text) | found(answer.headers) | found(answer.cookies.output())
        shown |= {path: secrets} if secrets else {}
    return shown, opened


def test_no_page_shows_one(life, alice_in):
    picker = reverse("facebook-pick", args=[PendingConnection.objects.get().key])
    assert TOKEN in vault().open(PendingConnection.objects.get().facebook_user_token)
    assert "@padaria.aurora" in alice_in.get(picker).text
    paths = sorted({picker, *addresses()})
    assert any(path.startswith("/posts/") for path in paths) and "/accounts/" in paths
    # The page of the calendar feed is where its owner reads the address.
    besides = ("/logout", reverse("feed"))
    shown, opened = walk(alice_in, [path for path in paths if not path.startswith(besides)])
    assert not shown and opened > 15


def test_no_page_shows_one_to_htmx(life, alice_in):
    alice_in.defaults["HTTP_HX_REQUEST"] = "true"
    shown, _opened = walk(alice_in, ["/posts/", "/activity/", "/notifications/", "/accounts/"])
    assert not shown


def test_no_admin_page_shows_one(life, db):
    root = User.objects.create_superuser("root", password="root's password")
    browser = Browser()
    browser.force_login(root)
    shown, opened = walk(browser, [reverse("admin:index"), *admins()])
    assert not shown and opened > 30


def test_the_admin_has_no_field_for_a_token(life, db):
    browser = Browser()
    browser.force_login(User.objects.create_superuser("root", password="root's password"))
    page = browser.get(reverse("admin:scheduler_instagramaccount_change", args=[life.pk])).text
    assert "access_token" not in page and life.access_token.ciphertext not in page and "Sealed" not in page


def test_no_answer_of_the_api_shows_one(life):
    browser, bearer = Browser(), {"Authorization": f"Bearer {CRON}"}
    for told in (bearer, {}, {"Authorization": f"Bearer {CRON}x"}):
        for name in ("publish-scheduled", "retry-failed", "stats"):
            method = browser.get if name == "stats" else browser.post
            answer = method(reverse(f"cron-{name}"), headers=told)
            assert not found(answer.text) and not found(answer.headers)


def test_the_way_to_instagram_shows_the_state_only(alice_in, account):
    location = alice_in.get(f"/accounts/connect/instagram/?account={account.pk}").headers["Location"]
    assert "state=" in location and not found(location)


# --- Every model is looked at -----------------------------------------------------------------------------------
def test_every_table_of_ours_was_lived_in(life):
    empty = {model.__name__ for model in apps.get_app_config("scheduler").get_models() if not model.objects.exists()}
    # These have nothing to do with tokens: uploads, people's own words, sign-in attempts, looks and limits, requests.
    files = {"MediaAsset", "PostMedia", "Rendition", "Upload"}
    words = {"PostIdea", "Tag", "HashtagGroup", "PostingSlot", "CsvImport"}
    assert empty <= files | words | {
        "RateWindow",
        "ProcessorPass",
        "PostChange",
        "ApiLimit",
        "Undo",
        "DeletionRequest",
    }


def test_what_was_lived_through_is_what_it_was_meant_to_be(life):
    assert ScheduledPost.objects.filter(status=Status.PUBLISHED).count() >= 3
    assert ScheduledPost.objects.filter(status=Status.FAILED).exists()
    assert life.status == InstagramAccount.Status.TOKEN_EXPIRED
    assert ScheduledPost.objects.filter(hold_reason="reconnect").count() >= 1
    assert any(status("published")(post) and post.first_comment_error for post in ScheduledPost.objects.all())
