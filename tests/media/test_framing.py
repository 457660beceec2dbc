"""A picture in another shape: a part of it or all of it on paper; the upload stays as it came."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from scheduler.instagram import limits
from scheduler.lib import pictures
from scheduler.lib.framing import PAPERS, SHAPES, ZOOM_MAX, Frame
from scheduler.lib.sniffing import Unfit
from scheduler.models import Rendition
from scheduler.services.renditions import frame_picture
from tests.media import corpus

RED, GREEN, BLUE = (200, 30, 30), (30, 160, 60), (30, 50, 200)
SIDES = st.integers(320, 6000)
SHARES = st.floats(0, 1)
CROPS = st.builds(Frame, st.sampled_from([*SHAPES]), x=SHARES, y=SHARES, zoom=st.floats(1, ZOOM_MAX))
PADS = st.builds(Frame, st.sampled_from([*SHAPES]), how=st.just("pad"), paper=st.sampled_from(PAPERS))


def striped(width=900, height=600) -> bytes:
    """Draw three upright stripes: red, green, blue."""
    picture = Image.new("RGB", (width, height))
    for number, colour in enumerate((RED, GREEN, BLUE)):
        picture.paste(colour, (width * number // 3, 0, width * (number + 1) // 3, height))
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def shown(rendition: Rendition) -> Image.Image:
    with rendition.file.open("rb") as file:
        return Image.open(BytesIO(file.read())).convert("RGB")


def is_close(colour, wanted) -> bool:
    return all(abs(one - other) <= 12 for one, other in zip(colour, wanted, strict=True))


# --- The numbers --------------------------------------------------------------------------------------------
@given(CROPS, SIDES, SIDES)
def test_the_part_that_is_kept_lies_in_the_picture_and_has_the_shape(frame, width, height):
    left, top, right, bottom = frame.part_of(width, height)
    assert -1e-6 <= left < right <= width + 1e-6 and -1e-6 <= top < bottom <= height + 1e-6
    across, down = SHAPES[frame.shape]
    assert (right - left) / (bottom - top) == pytest.approx(across / down)


@given(st.one_of(CROPS, PADS), SIDES, SIDES)
def test_what_comes_out_is_a_shape_that_instagram_takes(frame, width, height):
    wide, high = frame.size_of(width, height, limits.IMAGE_WIDTH_MAX)
    across, down = SHAPES[frame.shape]
    assert wide <= limits.IMAGE_WIDTH_MAX and wide / high == pytest.approx(across / down, rel=0.02)
    if frame.shape != "9:16":  # stories take every shape
        assert limits.RATIO_MIN <= wide / high <= limits.RATIO_MAX


@given(st.one_of(CROPS, PADS))
def test_a_frame_is_kept_and_read_back(frame):
    assert Frame.read(frame.kept()) == frame


@given(st.dictionaries(st.sampled_from(["shape", "how", "x", "y", "zoom", "paper"]), st.one_of(st.none(), st.text())))
def test_nonsense_is_no_frame_or_one_within_its_bounds(said):
    frame = Frame.read(said)
    assert frame is None or (frame.paper in PAPERS and 0 <= frame.x <= 1 and 1 <= frame.zoom <= ZOOM_MAX)


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "", None, "1e999"])
def test_what_is_no_number_counts_as_the_middle(number):
    assert Frame.read({"shape": "1:1", "x": number}).x in {0.5}


# --- The pixels ---------------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize(("x", "colour"), [(0.0, RED), (0.5, GREEN), (1.0, BLUE)])
def test_a_crop_shows_the_part_that_was_chosen(take, x, colour):
    made = frame_picture(take(striped(), "stripes.png"), Frame("4:5", x=x, zoom=2))
    assert is_close(shown(made).getpixel((made.width // 2, made.height // 2)), colour)


@pytest.mark.django_db
@pytest.mark.parametrize("shape", SHAPES)
def test_a_padded_picture_shows_everything_on_its_paper(take, shape):
    made = frame_picture(take(striped(900, 900), "stripes.png"), Frame(shape, "pad", paper="black"))
    picture = shown(made)
    middle = [picture.getpixel((made.width * part // 100, made.height // 2)) for part in (50,)]
    assert is_close(middle[0], GREEN)
    corner = picture.getpixel((1, 1))
    assert is_close(corner, RED) if shape == "1:1" else is_close(corner, (0, 0, 0))


@pytest.mark.django_db
def test_blurred_paper_has_the_colours_of_the_picture(take):
    made = frame_picture(take(striped(900, 900), "stripes.png"), Frame("1.91:1", "pad", paper="blur"))
    red, _green, blue = shown(made).getpixel((2, made.height // 2))
    assert red > blue


@pytest.mark.django_db
def test_a_small_part_of_a_large_picture_keeps_its_sharpness(take):
    made = frame_picture(take(corpus.jpeg(4000, 3000)), Frame("1:1", zoom=2))
    assert made.width == limits.IMAGE_WIDTH_MAX  # 1500 pixels of the upload are in it


@pytest.mark.django_db
def test_the_upload_and_its_own_shape_stay(take):
    asset = take(striped(), "stripes.png")
    before = {made.key for made in asset.renditions.all()}
    frame_picture(asset, Frame("1:1"))
    assert before < {made.key for made in asset.renditions.all()}
    assert asset.rendition("publish").recipe == ""


@pytest.mark.django_db
def test_the_same_frame_is_drawn_once(take):
    asset = take(striped(), "stripes.png")
    assert frame_picture(asset, Frame("1:1")) == frame_picture(asset, Frame("1:1"))
    assert asset.renditions.filter(recipe=Frame("1:1").recipe).count() == 2  # with its thumbnail


@pytest.mark.django_db
def test_two_requests_that_draw_the_same_at_once_end_with_one(take, monkeypatch):
    asset = take(striped(), "stripes.png")
    draw, raced = pictures.framed, []

    def draw_late(*words):
        if not raced:
            raced.append(True)
            frame_picture(asset, Frame("1:1"))
        return draw(*words)

    monkeypatch.setattr(pictures, "framed", draw_late)
    made = frame_picture(asset, Frame("1:1"))
    assert asset.renditions.get(purpose="publish", recipe=Frame("1:1").recipe) == made
    assert made.file.storage.exists(made.file.name)


@pytest.mark.django_db
def test_a_picture_whose_upload_is_gone_says_so(take):
    asset = take(striped(), "stripes.png")
    asset.file.storage.delete(asset.file.name)
    with pytest.raises((OSError, Unfit)):
        frame_picture(asset, Frame("1:1"))
