"""The pages that show what is live, as Instagram would."""

from io import BytesIO

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from PIL import Image, ImageDraw, ImageFont

from scheduler.lib import marks
from scheduler.sandbox.models import Container, Control, FetchedFile, Media, Profile
from scheduler.sandbox.models.media import STORY_LIFETIME

GRID = 60
_AVATAR_PX = 320


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """List who lives here."""
    people = [(person, person.media.filter(parent=None, deleted_at=None).count()) for person in Profile.everyone()]
    return render(request, "sandbox/overview.html", {"people": people, "control": Control.load()})


@require_safe
def profile(request: HttpRequest, username: str) -> HttpResponse:
    """Show a profile: stories of the last 24 hours, then the grid."""
    person = get_object_or_404(Profile.everyone(), username=username)
    live = person.media.filter(parent=None, deleted_at=None).select_related("profile", "container").order_by("-pk")
    since = Control.load().now() - STORY_LIFETIME
    facts = {
        "person": person,
        "stories": live.filter(product_type=Media.Product.STORY, published_at__gt=since)[:20],
        "posts": live.exclude(product_type=Media.Product.STORY)[:GRID],
        "count": live.exclude(product_type=Media.Product.STORY).count(),
    }
    return render(request, "sandbox/profile.html", facts)


@require_safe
def post(request: HttpRequest, shortcode: str) -> HttpResponse:
    """Show one post or reel with its comments."""
    return _post_page(request, _live(shortcode=shortcode))


@require_safe
def story(request: HttpRequest, username: str, graph_id: str) -> HttpResponse:
    """Show one story, also when its day is over."""
    return _post_page(request, _live(profile__username=username, graph_id=graph_id))


def _live(**which: str) -> Media:
    rows = Media.live().filter(parent=None).select_related("profile", "container")
    return get_object_or_404(rows, **which)


def _post_page(request: HttpRequest, media: Media) -> HttpResponse:
    comments = media.comments.select_related("profile").order_by("pk")
    facts = {"media": media, "comments": comments, "has_ended": media.has_ended(Control.load().now())}
    return render(request, "sandbox/post.html", facts)


@require_safe
def picture(request: HttpRequest, container_id: str) -> HttpResponse:
    """Give exactly the bytes that were fetched; a carousel gives those of its first item."""
    container = get_object_or_404(Container, graph_id=container_id)
    shown = container.child_ids[0] if container.child_ids else container_id
    file = FetchedFile.objects.filter(container__graph_id=shown).first()
    if file is None:
        raise Http404
    return _kept(bytes(file.data), file.content_type)


@require_safe
def avatar(request: HttpRequest, username: str) -> HttpResponse:
    """Draw a profile picture: initials on a colour."""
    person = get_object_or_404(Profile.everyone(), username=username)
    return _kept(_draw_avatar(person.username, person.name or person.username), "image/jpeg")


def _kept(data: bytes, content_type: str) -> HttpResponse:
    return HttpResponse(
        data, content_type=content_type, headers={"Cache-Control": "public, max-age=86400, immutable"}
    )


def _draw_avatar(username: str, name: str) -> bytes:
    colour = marks.COLOURS[marks.colour_number(username) - 1]
    image = Image.new("RGB", (_AVATAR_PX, _AVATAR_PX), colour)
    initials = "".join(word[0] for word in name.split()[:2]).upper()
    font = ImageFont.load_default(_AVATAR_PX * 0.4)
    middle = (_AVATAR_PX / 2, _AVATAR_PX / 2)
    ImageDraw.Draw(image).text(middle, initials, "#ffffff", font=font, anchor="mm")
    out = BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()
