"""What stands in POST /media, held against the matrix: nothing forbidden, nothing missing, every value right.

The matrix below is written down anew from the platform's documentation ("IG User Media", September 2026); it is not
the product's own table. First every set of options, in memory; then the real engine and the sandbox's journal, with
sets in which every two options meet, are parted, and are both missing.
"""

from datetime import UTC, timedelta
from itertools import combinations, product
from types import SimpleNamespace

import pytest

from scheduler.models import InstagramAccount, MediaAsset, PostMedia, Rendition, ScheduledPost
from scheduler.services.preparation import Preparation
from tests.publishing.conftest import connect, connect_page
from tests.publishing.files import own_film, own_picture

LOGINS = ["instagram", "facebook"]
TAG, TAG_WITHOUT_PLACE = {"username": "mel.cafe", "x": 0.25, "y": 0.75}, {"username": "mel.cafe"}
REEL_OPTIONS = {
    *("caption", "user_tags", "location_id", "collaborators", "cover", "cover_url", "thumb_offset"),
    *("share_to_feed", "audio_name", "trial_reel"),
}
# What each may carry, by the names that posts have for it.
MATRIX = {
    "photo": {"caption", "alt_text", "user_tags", "location_id", "collaborators"},
    "reel": REEL_OPTIONS,
    "video": REEL_OPTIONS,
    "story photo": {"user_tags"},
    "story video": {"user_tags"},
    "carousel": {"caption", "location_id", "collaborators"},
    "carousel photo": {"alt_text", "user_tags"},
    "carousel video": {"user_tags", "thumb_offset"},
}
MEDIA_TYPES = {
    "photo": "IMAGE",
    "reel": "REELS",
    "video": "VIDEO",
    "story photo": "STORY",
    "story video": "STORY",
    "carousel": "CAROUSEL",
}
# What is always said, beside where the bytes come from.
FIXED = {
    "photo": {},
    "reel": {"media_type": "REELS"},
    "video": {"media_type": "REELS", "share_to_feed": True},
    "story photo": {"media_type": "STORIES"},
    "story video": {"media_type": "STORIES"},
    "carousel": {"media_type": "CAROUSEL"},
    "carousel photo": {"is_carousel_item": True},
    "carousel video": {"is_carousel_item": True, "media_type": "VIDEO"},
}
# Everything a person can ask for: how the post keeps it, and what stands on the wire.
WISHES = {
    "caption": ("Pão & café #pão @mel.cafe\n\nàs 7h", "Pão & café #pão @mel.cafe\n\nàs 7h"),
    "alt_text": ("Três pães", "Três pães"),
    "user_tags": ([TAG | {"username": "@mel.cafe"}], [TAG]),
    "location_id": ("400000000000001", "400000000000001"),
    "collaborators": (["@mel.cafe", "bia.flor"], ["mel.cafe", "bia.flor"]),
    "cover": (True, "the address of the cover's file"),
    "cover_url": ("https://cdn.example/cover.jpg", "https://cdn.example/cover.jpg"),
    "thumb_offset": (1500, 1500),
    "share_to_feed": (False, False),
    "audio_name": ("Som do forno", "Som do forno"),
    "trial_reel": ("SS_PERFORMANCE", {"graduation_strategy": "SS_PERFORMANCE"}),
}
EVERY_SET = [
    {name for name, is_asked in zip(WISHES, asked, strict=True) if is_asked}
    for asked in product((False, True), repeat=len(WISHES))
]


def is_film(kind):
    return kind in {"reel", "video", "story video", "carousel video"}


def asked_on_the_wire(kind, chosen, cover_url):
    """Return the options that must stand in the request, by the wire's names."""
    sent = {name: WISHES[name][1] for name in chosen & MATRIX[kind]}
    if sent.pop("cover", None):
        sent["cover_url"] = cover_url
    if "cover_url" in sent:
        sent.pop("thumb_offset", None)
    if "trial_reel" in sent:
        sent["trial_params"] = sent.pop("trial_reel")
    if "user_tags" in sent and is_film(kind) and kind != "story video":
        sent["user_tags"] = [TAG_WITHOUT_PLACE]
    if kind == "video":
        sent.pop("share_to_feed", None)
    return FIXED[kind] | sent


def options_of_post(chosen):
    elsewhere = {"caption", "alt_text", "cover"}
    return {name: WISHES[name][0] for name in WISHES if name in chosen - elsewhere}


def options_of_item(chosen):
    return {name: WISHES[name][0] for name in ("user_tags", "thumb_offset") if name in chosen}


# --- Every set, in memory ----------------------------------------------------------------------------------------
PUBLISH = Rendition(purpose="publish", key="a" * 32, content_type="image/jpeg")


def kept_cover():
    cover = MediaAsset(pk=1)
    cover._prefetched_objects_cache = {"renditions": [PUBLISH]}
    return cover


def blank_post(kind, login):
    """Return a post without any option; making one is the dear part of a set."""
    return ScheduledPost(
        instagram_account=InstagramAccount(pk=1, login=login, instagram_user_id="1"),
        media_type=MEDIA_TYPES.get(kind, "CAROUSEL"),
        child_containers=[{"id": "2"}, {"id": "1"}],
    )


def prepared(post, kind, chosen, cover):
    post.caption = WISHES["caption"][0] if "caption" in chosen else ""
    post.options = options_of_post(chosen)
    post.cover = cover if "cover" in chosen else None
    piece = SimpleNamespace(
        asset=True,
        publish=PUBLISH,
        is_video=is_film(kind),
        options=options_of_item(chosen) if kind.startswith("carousel ") else {},
        alt_text=WISHES["alt_text"][0] if "alt_text" in chosen else "",
    )
    preparation = Preparation(SimpleNamespace(post=post))
    preparation.pieces = [piece]
    return preparation.child_fields(piece) if kind.startswith("carousel ") else preparation.fields()


def source_of(kind, login, address):
    if kind == "carousel":
        return {"children": ["2", "1"]}
    if is_film(kind):
        return {"upload_type": "resumable"} if login == "facebook" else {"video_url": address}
    return {"image_url": address}


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("kind", MATRIX)
def test_every_set_of_options_is_sent_as_the_matrix_says(kind, login):
    post, cover, address = blank_post(kind, login), kept_cover(), PUBLISH.public_url
    source = source_of(kind, login, address)
    wrong = [
        chosen
        for chosen in EVERY_SET
        if prepared(post, kind, chosen, cover) != source | asked_on_the_wire(kind, chosen, address)
    ]
    assert not wrong[:3]


# --- Through the engine, against the sandbox's journal -----------------------------------------------------------
def pairs_in(chosen, names):
    """Return how every two of the names meet in a set: both, one without the other, neither."""
    return {(one, one in chosen, other, other in chosen) for one, other in combinations(names, 2)}


def sets_that_pair(names):
    """Return few sets, no option and all of them first, in which every two options meet in all four ways."""
    names = sorted(names)
    wanted = set().union(*(pairs_in(chosen, names) for chosen in EVERY_SET))
    found = []
    for chosen in [set(), set(names)]:
        found.append(chosen)
        wanted -= pairs_in(chosen, names)
    while wanted:
        best = max(EVERY_SET, key=lambda chosen: len(pairs_in(chosen, names) & wanted))
        found.append(best)
        wanted -= pairs_in(best, names)
    return found


PAIRED = sets_that_pair(WISHES)


@pytest.fixture
def shelf(instagram, alice, time):
    """Return what the posts below are made of; the same rows for all of them."""
    instagram.host_picture("cover.jpg")
    return {
        "picture": own_picture(alice),
        "film": own_film(alice),
        "instagram": connect(instagram, alice, time, "padaria.aurora"),
        "facebook": connect_page(instagram, alice, time),
    }


@pytest.fixture
def record(instagram, alice, time, shelf, work):
    """Let the engine make the containers of one post; return the sandbox's record of what it was sent."""

    def record(kind, login, chosen):
        post = ScheduledPost(
            user=alice,
            instagram_account=shelf[login],
            media_type=MEDIA_TYPES[kind],
            caption=WISHES["caption"][0] if "caption" in chosen else "",
            options=options_of_post(chosen),
            cover=shelf["picture"] if "cover" in chosen else None,
        )
        post.plan((time.now() + timedelta(minutes=2)).astimezone(UTC).replace(tzinfo=None), "UTC")
        post.save()
        for position, item in enumerate(items_of(kind)):
            PostMedia.objects.create(
                post=post,
                position=position,
                asset=shelf[item],
                alt_text=WISHES["alt_text"][0] if "alt_text" in chosen else "",
                options=options_of_item(chosen) if kind == "carousel" else {},
            )
        post.schedule(now=time.now())
        before = len(instagram.recorded_requests("/media"))
        work(post, until=lambda post: post.container_id and not post.upload_uri)
        post.cancel(now=time.now())
        sent = instagram.recorded_requests("/media")[before:]
        return [{name: said for name, said in one.items() if name != "appsecret_proof"} for one in sent]

    return record


def items_of(kind):
    if kind == "carousel":
        return ["picture", "film"]
    return ["film"] if is_film(kind) else ["picture"]


def address_of(asset):
    return asset.rendition("publish").public_url


@pytest.mark.django_db(databases=["default", "sandbox"])
@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("kind", [kind for kind in MEDIA_TYPES if kind != "carousel"])
def test_the_sandbox_receives_what_the_matrix_says(kind, login, record, shelf):
    source = source_of(kind, login, address_of(shelf["film" if is_film(kind) else "picture"]))
    for chosen in PAIRED:
        (sent,) = record(kind, login, chosen)
        assert sent == source | asked_on_the_wire(kind, chosen, address_of(shelf["picture"])), chosen


@pytest.mark.django_db(databases=["default", "sandbox"])
@pytest.mark.parametrize("login", LOGINS)
def test_the_sandbox_receives_a_mixed_carousel_as_the_matrix_says(login, record, shelf, instagram):
    for chosen in PAIRED:
        sent = record("carousel", login, chosen)
        made = list(instagram.containers().values_list("graph_id", flat=True))[-3:]
        picture, film = address_of(shelf["picture"]), address_of(shelf["film"])
        assert sent == [
            source_of("carousel photo", login, picture) | asked_on_the_wire("carousel photo", chosen, ""),
            source_of("carousel video", login, film) | asked_on_the_wire("carousel video", chosen, ""),
            {"children": made[:2]} | asked_on_the_wire("carousel", chosen, ""),
        ], chosen
