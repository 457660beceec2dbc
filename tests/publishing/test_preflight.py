"""What keeps a post from going out is found before its time, told once, and settled when it is cured."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduler import tasks
from scheduler.lib.safe_fetch import Fetched, Refused
from scheduler.management.commands import qcluster
from scheduler.models import DisplayStatus, InstagramAccount, Notification, ScheduledPost, User, WrongState
from scheduler.services import checks, post_actions, preflight
from scheduler.services.media_row import pieces_of
from scheduler.services.scheduled_post_processor import ScheduledPostProcessor

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def codes(post, now, level="blocker", **more):
    return {finding.code for finding in preflight.check(post, now, **more) if finding.level == level}


@pytest.fixture
def draft(make_post, noon):
    """Make a draft for tomorrow, with one picture."""

    def make(**fields):
        return make_post(**{"at": noon + timedelta(days=1), "scheduled": False} | fields)

    return make


def change(asset, **fields):
    asset.renditions.update(**{name: fields[name] for name in fields if name != "duration_ms"})
    type(asset).objects.filter(pk=asset.pk).update(**fields)


# --- The account ------------------------------------------------------------------------------------------
def test_a_good_post_has_nothing_in_its_way(draft, noon):
    assert not codes(draft(), noon)


def test_without_an_account_nothing_goes_out(draft, noon):
    post = draft()
    post.instagram_account = None
    assert codes(post, noon) == {"ACCOUNT_MISSING"}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"status": "disconnected"}, "ACCOUNT_DISCONNECTED"),
        ({"status": "token_expired"}, "TOKEN_EXPIRED"),
        ({"status": "token_expired", "status_reason": "PERMISSION_DENIED"}, "PERMISSION_DENIED"),
        ({"status": "error", "status_reason": "ACCOUNT_RESTRICTED"}, "ACCOUNT_RESTRICTED"),
        ({"account_type": "PERSONAL"}, "ACCOUNT_NOT_PROFESSIONAL"),
        ({"permissions": ["instagram_business_basic"]}, "PERMISSION_DENIED"),
        ({"token_expires_at": timedelta(0)}, "TOKEN_EXPIRED"),
    ],
)
def test_an_account_that_cannot_publish_is_named(draft, make_account, noon, fields, code):
    fields = {name: noon - MINUTE if isinstance(value, timedelta) else value for name, value in fields.items()}
    assert codes(draft(account=make_account(**fields)), noon) == {code}


def test_a_token_that_ends_first_is_a_warning(draft, make_account, noon):
    post = draft(account=make_account(token_expires_at=noon + HOUR))
    assert "TOKEN_ENDS_FIRST" in codes(post, noon, "warning")
    assert not codes(post, noon)


def test_a_pause_is_a_warning(draft, make_account, alice, noon):
    account = make_account(paused_at=noon)
    assert codes(draft(account=account), noon, "warning") == {"ACCOUNT_PAUSED"}
    User.objects.update(paused_at=noon)
    alice.refresh_from_db()
    assert codes(draft(account=account), noon, "warning") == {"EVERYTHING_PAUSED"}


def test_a_first_comment_needs_its_own_permission(draft, make_account, noon):
    account = make_account(permissions=["instagram_business_content_publish"])
    assert "COMMENT_PERMISSION" in codes(draft(account=account, first_comment="More inside"), noon, "warning")


@pytest.mark.parametrize(
    ("address", "is_told"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://192.168.0.9", True),
        ("http://pauta.local", True),
        ("http://studio", True),
        ("https://posts.example.com", False),
    ],
)
def test_real_instagram_must_reach_us(draft, noon, settings, address, is_told):
    settings.INSTAGRAM_SANDBOX, settings.INSTAGRAM_GRAPH_URL = False, "https://graph.instagram.com"
    settings.PUBLIC_BASE_URL = address
    assert ("ADDRESS_OF_PAUTA" in codes(draft(), noon, "warning")) is is_told


def test_the_sandbox_reaches_us_anywhere(draft, noon, settings):
    settings.PUBLIC_BASE_URL = "http://127.0.0.1:8000"
    assert "ADDRESS_OF_PAUTA" not in codes(draft(), noon, "warning")


# --- The media --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("media_type", "kinds", "code"),
    [
        ("IMAGE", [], "MEDIA_MISSING"),
        ("IMAGE", ["image", "image"], "ONE_ITEM_ONLY"),
        ("STORY", ["image", "image"], "ONE_ITEM_ONLY"),
        ("CAROUSEL", ["image"], "CAROUSEL_COUNT"),
        ("CAROUSEL", ["image"] * 11, "CAROUSEL_COUNT"),
        ("IMAGE", ["video"], "PICTURE_WANTED"),
        ("REELS", ["image"], "VIDEO_WANTED"),
    ],
)
def test_each_type_takes_its_own_media(draft, make_picture, noon, media_type, kinds, code):
    post = draft(media_type=media_type, media=0)
    for position, kind in enumerate(kinds):
        post.media.create(asset=make_picture(kind=kind), position=position)
    assert codes(post, noon) == {code}


@pytest.mark.parametrize("kinds", [["image", "image"], ["image", "video"], ["image"] * 10])
def test_a_carousel_takes_two_to_ten_of_both(draft, make_picture, noon, kinds):
    post = draft(media_type="CAROUSEL", media=0)
    for position, kind in enumerate(kinds):
        post.media.create(asset=make_picture(kind=kind), position=position)
    assert not codes(post, noon)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"width": 1080, "height": 1351}, "IMAGE_SHAPE"),
        ({"width": 1920, "height": 1000}, "IMAGE_SHAPE"),
        ({"size_bytes": 8 * 1024 * 1024 + 1}, "IMAGE_TOO_LARGE"),
        ({"width": 319, "height": 319}, "IMAGE_TOO_NARROW"),
        ({"content_type": "image/png"}, "IMAGE_FORMAT"),
    ],
)
def test_a_picture_instagram_refuses_is_found(draft, noon, fields, code):
    post = draft()
    change(post.media.get().asset, **fields)
    assert codes(post, noon) == {code}


@pytest.mark.parametrize(
    "size", [{"width": 1080, "height": 1350}, {"width": 1910, "height": 1000}, {"width": 320, "height": 320}]
)
def test_the_last_good_picture_passes(draft, noon, size):
    post = draft()
    change(post.media.get().asset, **size)
    assert not codes(post, noon)


@pytest.mark.parametrize(
    ("media_type", "fields", "code"),
    [
        ("REELS", {"duration_ms": 2999}, "VIDEO_TOO_SHORT"),
        ("REELS", {"duration_ms": 900_001}, "VIDEO_TOO_LONG"),
        ("REELS", {"size_bytes": 100_000_001}, "VIDEO_TOO_LARGE"),
        ("REELS", {"content_type": "video/webm"}, "VIDEO_FORMAT"),
        ("STORY", {"duration_ms": 60_000}, "STORY_TOO_LONG"),
    ],
)
def test_a_video_instagram_refuses_is_found(draft, make_picture, noon, media_type, fields, code):
    post = draft(media_type=media_type, media=0)
    asset = make_picture(kind="video")
    post.media.create(asset=asset)
    change(asset, **fields)
    assert codes(post, noon) == {code}


@pytest.mark.parametrize(
    ("media_type", "length_ms"), [("REELS", 3000), ("REELS", 900_000), ("STORY", 59_900), ("STORY", 3000)]
)
def test_the_last_good_length_passes(draft, make_picture, noon, media_type, length_ms):
    post = draft(media_type=media_type, media=0)
    asset = make_picture(kind="video")
    post.media.create(asset=asset)
    change(asset, duration_ms=length_ms)
    assert not codes(post, noon)


@pytest.mark.parametrize(("offset", "is_fine"), [(0, True), (4999, True), (5000, False), (-1, False), ("1", False)])
def test_the_cover_frame_lies_inside_the_video(draft, make_picture, noon, offset, is_fine):
    post = draft(media_type="REELS", media=0, options={"thumb_offset": offset})
    post.media.create(asset=make_picture(kind="video"))
    assert codes(post, noon) == (set() if is_fine else {"COVER_TIME"})


def test_a_cover_of_its_own_must_be_a_picture(draft, make_picture, noon):
    post = draft(media_type="REELS", media=0, cover=make_picture(kind="video"))
    post.media.create(asset=make_picture(kind="video"))
    assert codes(post, noon) == {"COVER_FORMAT"}


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("https://cdn.example/cover.jpg", None),
        ("http://169.254.169.254/latest/", "ADDRESS_PRIVATE"),
        ("file:///etc/passwd", "ADDRESS_UNUSABLE"),
    ],
)
def test_the_address_of_a_cover_is_judged_by_itself(draft, make_picture, noon, address, code):
    post = draft(media_type="REELS", media=0, options={"cover_url": address})
    post.media.create(asset=make_picture(kind="video"))
    assert codes(post, noon) == ({code} if code else set())


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://10.0.0.1/a.jpg", "ADDRESS_PRIVATE"),
        ("ftp://cdn.example/a.jpg", "ADDRESS_UNUSABLE"),
    ],
)
def test_an_address_that_nobody_may_ask_refuses_scheduling_at_once(draft, alice, noon, address, code):
    post = draft(media=0, media_urls=[address])
    with pytest.raises(WrongState) as refusal:
        post_actions.schedule(post, alice, noon)
    assert refusal.value.code == code


# --- Words and options ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("caption", "code"),
    [
        ("a" * 2201, "CAPTION_TOO_LONG"),
        ("😀" * 1101, "CAPTION_TOO_LONG"),
        ("#a " * 31, "TOO_MANY_HASHTAGS"),
        ("@a " * 21, "TOO_MANY_MENTIONS"),
    ],
)
def test_a_caption_over_a_limit_is_found(draft, noon, caption, code):
    assert codes(draft(caption=caption), noon) == {code}


@pytest.mark.parametrize("caption", ["a" * 2200, "😀" * 1100, "#a " * 30, "@a " * 20])
def test_a_caption_at_its_limit_passes(draft, noon, caption):
    assert not codes(draft(caption=caption), noon)


def test_a_story_shows_no_caption_so_none_is_too_long(draft, noon):
    assert not codes(draft(media_type="STORY", caption="a" * 3000), noon)


def test_more_than_five_hashtags_are_named(draft, noon):
    assert "HASHTAGS_ADVISED" in codes(draft(caption="#a " * 6), noon, "warning")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"collaborators": ["a", "b", "c", "d"]}, "TOO_MANY_COLLABORATORS"),
        ({"collaborators": ["@maria"]}, "COLLABORATOR_NAME"),
        ({"location_id": "the bakery"}, "LOCATION_FORM"),
        ({"user_tags": [{"username": "a", "x": 0, "y": 1}] * 21}, "TOO_MANY_TAGS"),
        ({"user_tags": [{"username": "no spaces"}]}, "TAG_NAME"),
        ({"user_tags": [{"username": "maria"}]}, "TAG_PLACE"),
        ({"user_tags": [{"username": "maria", "x": 1.1, "y": 0}]}, "TAG_PLACE"),
        ({"user_tags": [{"username": "maria", "x": 0.1}]}, "TAG_PLACE"),
        ({"user_tags": ["maria"]}, "TAG_PLACE"),
    ],
)
def test_an_option_instagram_refuses_is_found(draft, noon, options, code):
    assert codes(draft(options=options), noon) == {code}


def test_an_option_that_is_never_sent_is_named(draft, noon):
    found = preflight.check(draft(media_type="STORY", options={"location_id": "77"}), noon)
    assert [finding.field for finding in found if finding.code == "OPTION_NOT_SENT"] == ["location_id"]


def test_an_alt_text_has_its_limit(draft, noon):
    post = draft()
    (piece,) = pieces_of(post)
    assert codes(post, noon, pieces=[replace(piece, alt_text="a" * 1001)]) == {"ALT_TEXT_TOO_LONG"}


# --- The time ---------------------------------------------------------------------------------------------
def test_a_time_in_the_past_is_found(draft, noon):
    assert codes(draft(), noon + timedelta(days=2)) == {"TIME_PAST"}


def test_no_time_is_found(draft, noon):
    assert codes(draft(at=None), noon) == {"TIME_MISSING"}


def test_the_26th_post_of_a_day_is_named(make_post, draft, noon):
    post = draft()
    for number in range(25):
        make_post(at=post.scheduled_for - timedelta(minutes=20 * number + 20), caption=f"{number}", media=1)
    assert "QUOTA_OVER" in codes(post, noon, "warning")


def test_the_25th_is_only_near(make_post, draft, noon):
    post = draft()
    for number in range(24):
        make_post(at=post.scheduled_for - timedelta(minutes=20 * number + 20), caption=f"{number}", media=1)
    assert "QUOTA_NEAR" in codes(post, noon, "warning")


def test_what_stops_a_post_is_told_without_a_look_at_the_others(make_post, draft, noon):
    post = draft(caption="x" * 2201)
    for number in range(26):
        make_post(at=post.scheduled_for - timedelta(minutes=number), caption=post.caption, media=1)
    with CaptureQueriesContext(connection) as few:
        stoppers = preflight.stoppers(post, noon)
    with CaptureQueriesContext(connection) as all_of_them:
        found = preflight.check(post, noon)
    assert {one.code for one in stoppers} == {"CAPTION_TOO_LONG"} < {one.code for one in found}
    assert stoppers == preflight.blockers(found)
    assert len(few) == len(all_of_them) - 3


def test_now_on_a_full_day_is_refused(draft, make_account, noon):
    account = make_account(quota_usage=25, quota_total=25, quota_checked_at=noon)
    assert codes(draft(account=account), noon, at=noon) == {"QUOTA_NOW"}


@pytest.mark.parametrize(
    ("minutes", "code"),
    [(-14, "SPACING_BEFORE"), (14, "SPACING_AFTER"), (0, "SPACING_SAME"), (15, None), (-15, None)],
)
def test_a_near_neighbour_is_named(make_post, draft, noon, minutes, code):
    post = draft()
    make_post(at=post.scheduled_for + timedelta(minutes=minutes), caption="Another one altogether")
    assert {one for one in codes(post, noon, "warning") if one.startswith("SPACING")} == ({code} if code else set())


@pytest.mark.parametrize(
    ("caption", "days", "is_told"),
    [("Fresh  bread ", 3, True), ("Cinnamon rolls today", 3, False), ("Fresh bread", 31, False)],
)
def test_the_same_once_more_is_named(make_post, draft, noon, caption, days, is_told):
    post = draft()
    twin = make_post(
        at=post.scheduled_for + timedelta(days=days), media=0, media_urls=["https://x/a"], caption=caption
    )
    twin.media.create(asset=post.media.get().asset)
    assert ("REPEATED" in codes(post, noon, "warning")) is is_told


def test_a_check_costs_few_queries(draft, noon, django_assert_max_num_queries):
    post = ScheduledPost.objects.select_related("instagram_account").get(pk=draft().pk)
    with django_assert_max_num_queries(8):
        preflight.check(post, noon)


# --- Acting on it -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("act", ["schedule", "publish_now", "retry"])
def test_a_post_with_something_in_its_way_is_not_put_in_line(draft, alice, noon, act):
    post = draft(caption="a" * 2201)
    if act == "retry":
        ScheduledPost.objects.filter(pk=post.pk).update(status="failed", failed_at=noon)
        post.refresh_from_db()
    more = {} if act == "schedule" else {"dispatch": lambda post_id: None}
    before = post.status
    with pytest.raises(WrongState) as refusal:
        getattr(post_actions, act)(post, alice, noon, **more)
    post.refresh_from_db()
    assert (refusal.value.code, post.status) == ("CAPTION_TOO_LONG", before)


def test_a_draft_is_kept_with_everything(draft):
    assert draft(caption="a" * 5000, media=0).status == "draft"


@pytest.mark.parametrize(
    ("ahead", "first"), [(3 * HOUR, HOUR), (HOUR, 5 * MINUTE), (6 * MINUTE, 5 * MINUTE), (4 * MINUTE, None)]
)
def test_a_post_in_line_is_looked_over_an_hour_and_five_minutes_before(make_post, noon, ahead, first):
    post = make_post(at=noon + ahead)
    assert post.check_at == (post.next_attempt_at - first if first else None)


@pytest.mark.parametrize("act", ["unschedule", "cancel", "delete_softly"])
def test_what_left_the_line_is_not_looked_over(make_post, noon, act):
    post = make_post(at=noon + 3 * HOUR)
    getattr(post, act)(now=noon)
    assert post.check_at is None and not post.blockers


def test_what_is_held_is_not_looked_over(make_post, noon):
    post = make_post(at=noon + 3 * HOUR)
    ScheduledPost.objects.filter(pk=post.pk).hold("paused")
    post.refresh_from_db()
    assert post.check_at is None
    post.release(now=noon)
    assert post.check_at == noon + 2 * HOUR


def spoiled(make_post, noon):
    """Return a post in line whose picture was spoiled since, an hour before its time."""
    post = make_post(at=noon + HOUR, now=noon - HOUR)
    change(post.media.get().asset, width=3000)
    return post


def test_a_check_puts_a_post_at_risk_and_tells_its_owner_once(make_post, alice, noon):
    post = spoiled(make_post, noon)
    for minutes in (0, 55):
        assert checks.run_if_due(post.pk, lambda minutes=minutes: noon + minutes * MINUTE)
    post.refresh_from_db()
    assert post.display_status == DisplayStatus.AT_RISK
    assert [(told.kind, told.user) for told in Notification.objects.open()] == [("AT_RISK", alice)]


def test_what_is_cured_is_settled(make_post, noon):
    post = spoiled(make_post, noon)
    checks.run_if_due(post.pk, lambda: noon)
    change(post.media.get().asset, width=1080)
    checks.run_if_due(post.pk, lambda: noon + 55 * MINUTE)
    post.refresh_from_db()
    assert post.display_status == DisplayStatus.SCHEDULED
    assert not Notification.objects.open().exists()


def test_a_check_runs_once_and_then_five_minutes_before(make_post, noon):
    post = make_post(at=noon + HOUR, now=noon - HOUR)
    assert checks.run_if_due(post.pk, lambda: noon)
    assert not checks.run_if_due(post.pk, lambda: noon)
    post.refresh_from_db()
    assert post.check_at == noon + 55 * MINUTE


def test_a_check_that_died_runs_again(make_post, noon, monkeypatch):
    post = make_post(at=noon + HOUR, now=noon - HOUR)
    monkeypatch.setattr(checks, "bring_in", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        checks.run_if_due(post.pk, lambda: noon)
    monkeypatch.undo()
    assert not checks.run_if_due(post.pk, lambda: noon + MINUTE)
    assert checks.run_if_due(post.pk, lambda: noon + 4 * MINUTE)


def test_a_check_writes_nothing_over_a_post_that_changed_meanwhile(make_post, noon, monkeypatch):
    post = spoiled(make_post, noon)

    def moved_meanwhile(one, **_):
        other = ScheduledPost.objects.get(pk=post.pk)
        other.unschedule(now=noon)
        return []

    monkeypatch.setattr(checks, "bring_in", moved_meanwhile)
    checks.run_if_due(post.pk, lambda: noon)
    post.refresh_from_db()
    assert (post.status, post.blockers, post.check_at) == ("draft", [], None)


def test_the_processor_queues_a_due_check_once(make_post, noon):
    post = make_post(at=noon + HOUR, now=noon - HOUR)
    queued = []
    processor = ScheduledPostProcessor(now=lambda: noon)
    for _ in range(2):
        processor.process_pending_posts(lambda post_id: None, queued.append)
    assert queued == [post.pk]
    assert checks.run_if_due(post.pk, lambda: noon)


def test_without_workers_a_due_check_runs_in_the_pass(make_post, noon):
    post = spoiled(make_post, noon)
    ScheduledPostProcessor(now=lambda: noon, sleep=lambda s: None).process_pending_posts()
    post.refresh_from_db()
    assert [row["code"] for row in post.blockers] == ["IMAGE_SHAPE"]


def test_a_task_looks_over_a_due_post(make_post, noon, monkeypatch):
    post = spoiled(make_post, noon)
    monkeypatch.setattr(tasks.clock, "now", lambda: noon)
    assert [tasks.check_post(post.pk), tasks.check_post(post.pk)] == ["checked", "not due"]


def test_a_post_at_risk_is_tried_all_the_same(plan, work):
    post = plan()
    ScheduledPost.objects.filter(pk=post.pk).update(blockers=[{"code": "CAPTION_TOO_LONG", "facts": {"n": 3}}])
    assert work(post).status == "published"


def test_a_post_with_nothing_to_send_fails_with_its_reason(plan, work):
    post = plan()
    ScheduledPost.objects.filter(pk=post.pk).update(retry_count=1, media_urls=[])
    done = work(post)
    assert (done.status, done.last_error) == ("failed", "MEDIA_MISSING")


def test_an_address_inside_is_never_handed_on(plan, work, monkeypatch, instagram):
    def fetch(address, *_, **__):
        raise Refused("ADDRESS_PRIVATE")

    monkeypatch.setattr("scheduler.lib.safe_fetch.fetch", fetch)
    done = work(plan(media_urls=["http://169.254.169.254/latest/"]))
    assert (done.status, done.last_error) == ("failed", "MEDIA_ADDRESS")


def test_the_list_says_why_without_a_query_more(client, alice, make_post, noon, django_assert_num_queries):
    client.force_login(alice)
    posts = [make_post(at=noon + timedelta(days=3650 + number), now=noon, caption=f"{number}") for number in range(4)]

    def queries():
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as seen:
            page = client.get("/posts/")
        return len(seen), page.content.decode()

    client.get("/posts/")
    before, _page = queries()
    blockers = [{"code": "IMAGE_SHAPE", "field": "uploads", "facts": {"name": "loaf.jpg"}}]
    ScheduledPost.objects.filter(pk__in=[post.pk for post in posts]).update(blockers=blockers)
    after, page = queries()
    assert after == before
    assert page.count("loaf.jpg is too tall or too wide") == 4


def test_the_page_lists_what_is_found_with_a_link_to_each_field(client, alice, draft):
    client.force_login(alice)
    post = draft(caption="#a " * 31)
    page = client.get(f"/posts/{post.pk}/").content.decode()
    assert "1 hashtag over." in page
    assert f'href="/posts/{post.pk}/edit/#id_caption"' in page


def test_the_owner_reads_in_the_notice_what_is_in_the_way(client, alice, make_post, noon):
    client.force_login(alice)
    checks.run_if_due(spoiled(make_post, noon).pk, lambda: noon)
    assert "photo-1.jpg is too tall or too wide" in client.get("/notifications/").content.decode()


def test_an_account_that_broke_puts_its_posts_at_risk(make_post, noon):
    post = make_post(at=noon + HOUR, now=noon - HOUR)
    InstagramAccount.objects.update(permissions=["instagram_business_basic"])
    checks.run_if_due(post.pk, lambda: noon)
    post.refresh_from_db()
    assert [row["code"] for row in post.blockers] == ["PERMISSION_DENIED"]


def test_what_is_given_by_address_goes_out_as_our_copy(plan, work, instagram, monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    def fetch(address, target, **_):
        data = instagram.session.get(address).content
        target.write(data)
        return Fetched(address, "image/jpeg", len(data))

    monkeypatch.setattr("scheduler.lib.safe_fetch.fetch", fetch)
    post = work(plan())
    sent = post.logs.get(step="create_container").request_data["image_url"]
    assert post.status == "published"
    assert sent == post.media.get().asset.rendition("publish").public_url


def test_what_we_may_not_fetch_is_handed_to_instagram_as_it_stands(plan, work):
    post = work(plan())
    assert post.status == "published"
    assert [post.logs.get(step="create_container").request_data["image_url"]] == post.media_urls


def test_the_form_shows_what_is_found_with_a_link_to_each_field(client, alice, draft):
    client.force_login(alice)
    page = client.get(f"/posts/{draft(caption='#a ' * 6).pk}/edit/").content.decode()
    assert "6 hashtags. Instagram is moving to a limit of 5." in page
    assert 'href="#id_caption"' in page


def test_a_refused_form_says_it_at_the_field_and_the_rest_beside(client, alice, draft, make_picture, noon):
    client.force_login(alice)
    post = draft(media_type="IMAGE", at=noon + timedelta(days=3000))
    data = {"account": post.instagram_account_id, "media_type": "IMAGE", "media": post.media.get().asset_id}
    data |= {"caption": "#a " * 31, "timezone": "UTC", "day": post.scheduled_for.date(), "clock": "12:00"}
    answer = client.post(f"/posts/{post.pk}/edit/", data | {"act": "schedule", "version": post.version})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("1 hashtag over.") == 4  # in the summary, at the field, in the checklist and its link
    assert "has no alt text" in page


def test_the_beat_hands_out_checks_too(monkeypatch):
    looks, beats = [], [1]
    monkeypatch.setattr(ScheduledPostProcessor, "process_pending_posts", lambda _self, *doors: looks.append(doors))
    monkeypatch.setattr(qcluster.time, "sleep", lambda _s: None)
    qcluster.beat(while_true=lambda: bool(beats and beats.pop()), start_anew=pytest.fail)
    assert looks[0][1] is tasks.dispatch_check


@pytest.mark.parametrize(("caption", "count"), [("Fresh bread", 1), ("a" * 2201, 0)])
def test_what_cannot_go_out_is_not_tried_again_by_itself(draft, noon, caption, count):
    post = draft(caption=caption)
    ScheduledPost.objects.filter(pk=post.pk).update(status="failed", failed_at=noon, last_error="CONNECTION_ERROR")
    assert ScheduledPostProcessor(now=lambda: noon).retry_failed_posts() == count
