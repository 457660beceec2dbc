"""Media given by address are fetched once, judged like uploads, and served by us from then on."""

from datetime import timedelta

import pytest

from scheduler.lib.safe_fetch import Fetched, Refused
from scheduler.models import MediaAsset, Notification, PostMedia, ScheduledPost
from scheduler.services import checks, media_by_address
from scheduler.services.media_by_address import bring_in
from scheduler.services.media_row import pieces_of
from tests.media import corpus

pytestmark = pytest.mark.django_db
AHEAD = timedelta(days=3000)  # a form knows no other clock than the real one
LOAF, ROLL, FILM = "https://cdn.example/loaf.jpg", "https://cdn.example/roll.png", "https://cdn.example/oven.mp4"


class Web:
    """What stands at which address; `asked` lists each fetch."""

    def __init__(self):
        self.pages = {LOAF: corpus.jpeg(), ROLL: corpus.saved(corpus.drawing(600, 600), "PNG"), FILM: corpus.film()}
        self.asked, self.options = [], {}

    def fetch(self, address, target, **options):
        self.asked.append(address)
        self.options = options
        found = self.pages.get(address, Refused("ADDRESS_NOT_FOUND", status=404))
        if isinstance(found, Exception):
            raise found
        target.write(found)
        return Fetched(address, "application/octet-stream", len(found))


@pytest.fixture
def web(monkeypatch):
    world = Web()
    monkeypatch.setattr("scheduler.lib.safe_fetch.fetch", world.fetch)
    return world


@pytest.fixture
def post_of(make_post, noon):
    """Make a post of these addresses, in line for two hours from now."""

    def make(*addresses, **fields):
        kind = {"media_type": "CAROUSEL" if len(addresses) > 1 else "IMAGE", "at": noon + timedelta(hours=2)}
        return make_post(media=0, media_urls=list(addresses), **kind | fields)

    return make


def test_a_file_becomes_an_asset_with_the_address_it_came_from(web, post_of):
    post = post_of(LOAF)
    assert bring_in(post) == []
    place = post.media.get()
    assert (place.source_url, place.asset.original_name, place.asset.kind) == (LOAF, "loaf.jpg", "image")
    assert place.asset.rendition("publish").content_type == "image/jpeg"


def test_instagram_gets_our_copy(web, post_of):
    post = post_of(LOAF)
    bring_in(post)
    [piece] = pieces_of(post)
    assert piece.publish.public_url.startswith("http://testserver/m/")


def test_it_is_fetched_once(web, post_of):
    post = post_of(LOAF)
    bring_in(post)
    bring_in(ScheduledPost.objects.get(pk=post.pk))
    assert web.asked == [LOAF]


def test_the_order_is_the_addresses(web, post_of):
    post = post_of(ROLL, FILM, LOAF)
    bring_in(post)
    assert [place.source_url for place in post.media.all()] == [ROLL, FILM, LOAF]
    assert [piece.is_video for piece in pieces_of(post)] == [False, True, False]


def test_what_comes_later_takes_its_own_place(web, post_of):
    web.pages.pop(ROLL)
    post = post_of(ROLL, LOAF)
    bring_in(post)
    assert [piece.address for piece in pieces_of(post)] == [ROLL, LOAF]
    web.pages[ROLL] = corpus.jpeg(700, 700)
    bring_in(post)
    assert [place.source_url for place in post.media.all()] == [ROLL, LOAF]


def test_an_address_named_twice_is_there_twice(web, post_of):
    post = post_of(LOAF, LOAF)
    bring_in(post)
    assert [place.source_url for place in post.media.all()] == [LOAF, LOAF]
    assert MediaAsset.objects.count() == 1


def test_uploads_come_first(web, post_of, take):
    post = post_of(LOAF, media_type="CAROUSEL")
    post.media.create(asset=take(corpus.jpeg(800, 800)), position=0)
    bring_in(post)
    assert [place.source_url for place in post.media.all()] == ["", LOAF]


def test_a_picture_is_made_fit_like_an_upload(web, post_of):
    post = post_of(ROLL)
    bring_in(post)
    assert post.media.get().asset.rendition("publish").content_type == "image/jpeg"


@pytest.mark.parametrize(
    ("found", "code", "says"),
    [
        (b"<!doctype html><title>Login", "ADDRESS_PAGE", "is a web page"),
        (b"GIF89a" + b"x" * 100, "ADDRESS_REFUSED", "no animated pictures"),
        (b"%PDF-1.7", "ADDRESS_REFUSED", "not a picture or video"),
        (b"", "ADDRESS_REFUSED", "is empty"),
        (corpus.jpeg()[:5000], "ADDRESS_REFUSED", "damaged"),
        (Refused("ADDRESS_LOGIN", status=403), "ADDRESS_LOGIN", "without a login"),
        (Refused("ADDRESS_NOT_FOUND", status=404), "ADDRESS_NOT_FOUND", "nothing at"),
        (Refused("ADDRESS_TOO_LARGE", megabytes=100), "ADDRESS_TOO_LARGE", "100 MB"),
        (Refused("ADDRESS_ROBOTS"), "ADDRESS_ROBOTS", "robots.txt"),
        (Refused("ADDRESS_REDIRECTS"), "ADDRESS_REDIRECTS", "from one address to the next"),
        (Refused("ADDRESS_PRIVATE"), "ADDRESS_PRIVATE", "private network"),
        (Refused("ADDRESS_SLOW"), "ADDRESS_SLOW", "too long"),
        (Refused("ADDRESS_UNREACHABLE"), "ADDRESS_UNREACHABLE", "didn't answer"),
        (Refused("ADDRESS_UNTRUSTED"), "ADDRESS_UNTRUSTED", "certificate"),
        (Refused("ADDRESS_UNUSABLE"), "ADDRESS_UNUSABLE", "can't be used"),
        (Refused("ADDRESS_ENCODED"), "ADDRESS_ENCODED", "compressed"),
        (Refused("ADDRESS_TROUBLE", status=500), "ADDRESS_TROUBLE", "(500)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_failure_has_its_sentence(web, post_of, found, code, says):
    web.pages[LOAF] = found
    post = post_of(LOAF)
    [finding] = bring_in(post)
    assert (finding.code, finding.level, finding.field) == (code, "blocker", "uploads")
    assert says in finding.text and LOAF in finding.text
    assert not post.media.exists() and not MediaAsset.objects.exists()


@pytest.mark.parametrize(("end", "name"), [
    ("loaf%2Ejpg", "loaf.jpg"),
    ("a.%00jpg", "a.jpg"),
    ("loaf.%E2%82%AC" + "%E2%82%AC" * 190, "loaf." + "€" * 191),
    ("..", "cdn.example"),
    ("%2e%2E", "cdn.example"),
    ("a%2F", "cdn.example"),
    ("%2e%2e%2f%2e%2e%2fetc%2fpasswd", "passwd"),
    ("a%0d%0a%E2%80%AEgpj.exe", "agpj.exe"),
    ("", "cdn.example"),
])  # fmt: skip
def test_a_name_that_is_none_breaks_nothing(web, post_of, end, name):
    address = f"https://cdn.example/{end}"
    web.pages[address] = corpus.jpeg()
    post = post_of(address)
    assert bring_in(post) == []
    assert post.media.get().asset.original_name == name


def test_one_bad_address_does_not_keep_the_others_out(web, post_of):
    post = post_of("https://cdn.example/gone.jpg", LOAF)
    assert [finding.facts["address"] for finding in bring_in(post)] == ["https://cdn.example/gone.jpg"]
    assert post.media.get().source_url == LOAF


def test_no_time_is_left_for_more_than_there_is(web, post_of):
    post = post_of(LOAF)
    assert bring_in(post, within_s=0) == []
    assert not web.asked and not post.media.exists()


def test_an_address_of_our_own_is_not_asked(web, post_of, take):
    asset = take(corpus.jpeg(900, 900))
    post = post_of(asset.rendition("publish").public_url)
    bring_in(post)
    assert post.media.get().asset == asset and not web.asked


def test_another_persons_file_behind_our_address_is_not_taken_over(web, post_of, take, charlie):
    theirs = take(corpus.jpeg(900, 900), user=charlie)
    address = theirs.rendition("publish").public_url
    bring_in(post_of(address))
    assert web.asked == [address]


def test_only_the_sandboxs_own_origins_are_trusted(settings, web, post_of):
    bring_in(post_of(LOAF))
    assert set(web.options["trusted"]) >= {settings.PUBLIC_BASE_URL}
    settings.INSTAGRAM_SANDBOX = False
    settings.INSTAGRAM_GRAPH_URL, settings.FACEBOOK_GRAPH_URL = (
        "https://graph.instagram.com",
        "https://graph.facebook.com",
    )
    assert media_by_address.trusted_origins() == []
    settings.INSTAGRAM_GRAPH_URL = "http://127.0.0.1:9001/graph.instagram.com"
    assert media_by_address.trusted_origins() == ["http://127.0.0.1:9001/graph.instagram.com"]


def test_a_host_that_only_looks_like_metas_is_no_metas(settings):
    settings.INSTAGRAM_SANDBOX = False
    settings.FACEBOOK_GRAPH_URL = settings.INSTAGRAM_GRAPH_URL = "https://notinstagram.com"
    assert media_by_address.trusted_origins() == ["https://notinstagram.com"]


# --- When -------------------------------------------------------------------------------------------------
def test_it_is_fetched_soon_after_scheduling(web, post_of, noon):
    post = post_of(LOAF)
    assert post.check_at <= noon
    checks.run_if_due(post.pk, lambda: noon)
    post.refresh_from_db()
    assert post.media.get().source_url == LOAF
    assert (post.check_at, post.blockers) == (noon + timedelta(hours=1), [])


def test_what_could_not_be_had_puts_the_post_at_risk_until_it_is(web, post_of, noon):
    web.pages[LOAF] = Refused("ADDRESS_LOGIN", status=403)
    post = post_of(LOAF)
    checks.run_if_due(post.pk, lambda: noon)
    post.refresh_from_db()
    assert [row["code"] for row in post.blockers] == ["ADDRESS_LOGIN"]
    assert Notification.objects.open().count() == 1
    web.pages[LOAF] = corpus.jpeg()
    checks.run_if_due(post.pk, lambda: noon + timedelta(hours=1))
    post.refresh_from_db()
    assert post.blockers == [] and not Notification.objects.open().exists()


def test_another_reason_replaces_the_first(web, post_of, noon):
    web.pages[LOAF] = Refused("ADDRESS_SLOW")
    post = post_of(LOAF)
    checks.run_if_due(post.pk, lambda: noon)
    web.pages[LOAF] = Refused("ADDRESS_NOT_FOUND", status=404)
    checks.run_if_due(post.pk, lambda: noon + timedelta(hours=1))
    post.refresh_from_db()
    assert [row["code"] for row in post.blockers] == ["ADDRESS_NOT_FOUND"]


def test_an_edit_drops_what_is_no_longer_named(web, post_of, noon):
    post = post_of(ROLL, LOAF, FILM)
    bring_in(post)
    post.media_urls = [FILM, LOAF]
    post.save_content(now=noon)
    assert {place.source_url for place in post.media.all()} == {FILM, LOAF}


def test_what_was_removed_meanwhile_is_not_put_back(web, post_of, noon, monkeypatch):
    post = post_of(LOAF)

    def edited_meanwhile(address, target, **options):
        other = ScheduledPost.objects.get(pk=post.pk)
        other.media_urls = [ROLL]
        other.save_content(now=noon)
        target.write(corpus.jpeg())
        return Fetched(address, "", len(corpus.jpeg()))

    monkeypatch.setattr("scheduler.lib.safe_fetch.fetch", edited_meanwhile)
    bring_in(post)
    assert not PostMedia.objects.exists()


def test_the_form_keeps_where_a_file_came_from(client, alice, web, post_of, noon):
    client.force_login(alice)
    post = post_of(LOAF, at=noon + AHEAD)
    bring_in(post)
    place = post.media.get()
    client.post(f"/posts/{post.pk}/edit/", form_of(post, media=[place.asset_id]))
    assert PostMedia.objects.get().source_url == LOAF


def test_what_the_form_removes_is_not_fetched_again(client, alice, web, post_of, noon):
    client.force_login(alice)
    post = post_of(ROLL, LOAF, at=noon + AHEAD)
    bring_in(post)
    gone, stays = (place.asset_id for place in post.media.all())
    client.post(
        f"/posts/{post.pk}/edit/", form_of(post, media=[gone, stays], **{f"remove_{gone}": "on"}, media_type="IMAGE")
    )
    post.refresh_from_db()
    assert (post.media_urls, post.media.get().asset_id) == ([LOAF], stays)


def form_of(post, **fields):
    zone = {"timezone": "UTC", "day": post.scheduled_for.date(), "clock": "12:00"}
    known = {"account": post.instagram_account_id, "media_type": post.media_type, "caption": post.caption}
    return known | zone | {"act": "save", "version": post.version} | fields


def test_a_copy_needs_no_second_fetch(web, post_of):
    post = post_of(LOAF)
    bring_in(post)
    copy = post.duplicate()
    assert bring_in(copy) == [] and web.asked == [LOAF]
    assert copy.media.get().source_url == LOAF


def test_an_address_that_cannot_be_had_is_taken_out_in_the_form(client, alice, web, post_of, noon, take):
    client.force_login(alice)
    web.pages[LOAF] = Refused("ADDRESS_LOGIN", status=403)
    post = post_of(LOAF, at=noon + AHEAD)
    checks.run_if_due(post.pk, lambda: noon)
    post.refresh_from_db()
    upload = take(corpus.jpeg(900, 900))
    assert f'name="forget_address" value="{LOAF}"' in client.get(f"/posts/{post.pk}/edit/").content.decode()
    assert client.post(f"/posts/{post.pk}/edit/", form_of(post, media=[upload.pk])).status_code == 422
    client.post(f"/posts/{post.pk}/edit/", form_of(post, media=[upload.pk], forget_address=LOAF))
    post.refresh_from_db()
    assert (post.media_urls, post.blockers, post.media.get().asset) == ([], [], upload)
