"""An upload becomes a good JPEG or MP4, or is refused with one sentence; what a file is called does not matter."""

from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import TemporaryUploadedFile
from PIL import Image

from scheduler.instagram import limits
from scheduler.lib import videos
from scheduler.lib.sniffing import sniff
from scheduler.lib.videos import read_film
from scheduler.models import MediaAsset, Rendition
from scheduler.services.media_intake import public_url, ratio_ok, take_upload
from scheduler.services.media_refusals import SENTENCES
from tests.media import corpus

pytestmark = pytest.mark.django_db


def made(asset, purpose="publish") -> Image.Image:
    """Return the picture that was made, read back."""
    with asset.rendition(purpose).file.open("rb") as file:
        image = Image.open(BytesIO(file.read()))
    image.load()
    return image


def bytes_of(asset, purpose="publish") -> bytes:
    with asset.rendition(purpose).file.open("rb") as file:
        return file.read()


def is_close(colour, wanted) -> bool:
    return all(abs(one - other) <= 20 for one, other in zip(colour, wanted, strict=True))


RED, BLUE = (220, 30, 30), (20, 40, 200)
GOOD = {
    "a JPEG": corpus.jpeg,
    "a PNG": lambda: corpus.saved(corpus.drawing(), "PNG"),
    "a WebP": lambda: corpus.saved(corpus.drawing(), "WEBP", quality=95),
    "a HEIC": lambda: corpus.saved(corpus.drawing(), "HEIF", quality=90),
    "a phone's JPEG with two pictures": corpus.with_two_pictures,
    "CMYK": lambda: corpus.saved(corpus.drawing(mode="CMYK"), "JPEG"),
    "a palette": lambda: corpus.saved(corpus.drawing(mode="P"), "PNG"),
    "a palette in a GIF's colours, as PNG": lambda: corpus.saved(corpus.drawing().quantize(8), "PNG", transparency=7),
    "a profile for other channels": corpus.with_profile,
    "upright by EXIF, with a place": corpus.turned_with_place,
}


@pytest.mark.parametrize("draw", GOOD.values(), ids=GOOD)
def test_a_picture_becomes_a_plain_srgb_jpeg(take, draw):
    image = made(take(draw()))
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (1080, 1350))
    assert is_close(image.getpixel((200, 200)), RED)
    assert is_close(image.getpixel((800, 1000)), BLUE)


@pytest.mark.parametrize("draw", GOOD.values(), ids=GOOD)
def test_nothing_of_the_cameras_words_goes_out(take, draw):
    image = made(take(draw()))
    assert not image.getexif() and "icc_profile" not in image.info
    assert b"Secret Maker" not in bytes_of(take(draw()))


GREYS = {
    "16-bit grey": (corpus.sixteen_bit_grey, (128, 128, 128)),
    "16-bit colour": (corpus.sixteen_bit_colour, (255, 128, 0)),
    "grey": (lambda: corpus.saved(Image.new("L", (400, 400), 90), "PNG"), (90, 90, 90)),
    "grey, half clear": (lambda: corpus.saved(Image.new("LA", (400, 400), (0, 128)), "PNG"), (127, 127, 127)),
    "one bit": (lambda: corpus.saved(Image.new("1", (400, 400), 1), "PNG"), (255, 255, 255)),
}


@pytest.mark.parametrize(("draw", "colour"), GREYS.values(), ids=GREYS)
def test_other_depths_keep_their_colour(take, draw, colour):
    assert is_close(made(take(draw())).getpixel((50, 50)), colour)


def test_what_is_clear_becomes_white(take):
    image = made(take(corpus.half_transparent()))
    assert is_close(image.getpixel((100, 300)), RED)
    assert is_close(image.getpixel((500, 300)), (255, 255, 255))


def test_a_wide_picture_is_scaled_to_instagrams_width(take):
    asset = take(corpus.jpeg(4000, 5000))
    assert (asset.width, asset.height) == (4000, 5000)
    assert made(asset).size == (1440, 1800)


def test_a_heavy_picture_gets_below_eight_mebibytes(take):
    noise = Image.effect_noise((1440, 8000), 120).convert("RGB")
    asset = take(corpus.saved(noise, "JPEG", quality=95))
    assert asset.rendition("publish").size_bytes <= limits.IMAGE_BYTES


def test_a_thumbnail_is_a_small_square(take):
    noise = take(corpus.saved(Image.effect_noise((900, 900), 120).convert("RGB"), "PNG"))
    assert made(noise, "thumbnail").size == (144, 144)
    assert noise.rendition("thumbnail").size_bytes <= 6 * 1024


def test_a_pixel_too_tall_by_rounding_is_taken_away(take):
    asset = take(corpus.jpeg(1080, 1351))
    assert made(asset).size == (1080, 1350)
    assert ratio_ok(asset, "IMAGE")


@pytest.mark.parametrize(
    ("size", "media_type", "fits"),
    [
        ((1080, 1350), "IMAGE", True),
        ((1910, 1000), "IMAGE", True),
        ((1080, 1920), "IMAGE", False),
        ((1080, 1920), "CAROUSEL", False),
        ((1080, 1920), "STORY", True),
        ((2000, 1000), "IMAGE", False),
    ],
)
def test_the_shape_is_kept_and_the_form_told(take, size, media_type, fits):
    asset = take(corpus.jpeg(*size))
    image = made(asset)
    assert image.width / image.height == pytest.approx(size[0] / size[1], rel=0.002)
    assert ratio_ok(asset, media_type) is fits


def test_the_same_file_again_is_the_same_asset(take):
    assert take(corpus.jpeg(), "one.jpg").pk == take(corpus.jpeg(), "two.jpg").pk
    assert Rendition.objects.count() == 2


def test_the_same_file_of_somebody_else_is_their_own(take, charlie):
    assert take(corpus.jpeg()).pk != take(corpus.jpeg(), user=charlie).pk


def test_a_deleted_file_can_be_uploaded_again(take, noon):
    first = take(corpus.jpeg())
    MediaAsset.objects.update(deleted_at=noon)
    again = take(corpus.jpeg())
    assert again.pk != first.pk
    assert made(again).size == (1080, 1350)


def test_a_large_upload_is_read_where_it_lies(alice):
    file = TemporaryUploadedFile("photo.png", "image/png", 0, None)
    file.write(corpus.saved(corpus.drawing(), "PNG"))
    file.size = file.tell()
    file.seek(0)
    assert made(take_upload(alice, file)).size == (1080, 1350)


def test_the_public_address_begins_with_the_sites(take, settings):
    settings.PUBLIC_BASE_URL = "https://posts.example.com"
    assert public_url(take(corpus.jpeg()).rendition("publish")).startswith("https://posts.example.com/m/")


# --- Refusals -----------------------------------------------------------------------------------------------
HTML = b"<!DOCTYPE html><html><body>404</body></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="900" height="900"/>'
GIF = corpus.saved(corpus.drawing().quantize(8), "GIF")
BAD = {
    "nothing": (lambda: b"", "EMPTY"),
    "a JPEG cut off": (lambda: corpus.jpeg()[:9000], "BROKEN_PICTURE"),
    "a PNG cut off": (lambda: corpus.saved(corpus.drawing(), "PNG")[:700], "BROKEN_PICTURE"),
    "a WebP cut off": (lambda: corpus.saved(corpus.drawing(), "WEBP")[:300], "BROKEN_PICTURE"),
    "a HEIC cut off": (lambda: corpus.saved(corpus.drawing(), "HEIF")[:900], "BROKEN_PICTURE"),
    "only a JPEG's first bytes": (lambda: b"\xff\xd8\xff\xe0" + b"\x00" * 64, "BROKEN_PICTURE"),
    "a GIF": (lambda: GIF, "image/gif"),
    "a GIF that goes on as a JPEG": (lambda: b"GIF89a/*" + corpus.jpeg(), "image/gif"),
    "an SVG": (lambda: SVG, "image/svg+xml"),
    "a web page": (lambda: HTML, "text/html"),
    "a web page that goes on as a JPEG": (lambda: b"<html><!--" + corpus.jpeg(), "text/html"),
    "an animated WebP": (
        lambda: corpus.saved(corpus.drawing(), "WEBP", save_all=True, append_images=[corpus.drawing(mode="L")]),
        "ANIMATED",
    ),
    "a HEIC of another size than it says": (lambda: smaller_than_it_is(), "BROKEN_PICTURE"),
    "a JPEG of 300 scans": (lambda: scanned_again(300), "BROKEN_PICTURE"),
    "900 megapixels": (corpus.enormous, "TOO_MANY_PIXELS"),
    "a stamp": (lambda: corpus.jpeg(200, 250), "TOO_NARROW"),
    "text": (lambda: b"Buy bread", "UNKNOWN"),
    "a PDF": (lambda: b"%PDF-1.7\n", "UNKNOWN"),
    "a WebM": (lambda: corpus.film(codec="libvpx", form="webm", sound="libopus"), "video/webm"),
    "a video without its index": (lambda: without_index(corpus.film(index_in_front=False)), "BROKEN_VIDEO"),
    "a video cut off": (lambda: corpus.film()[:-2000], "BROKEN_VIDEO"),
    "a video's first bytes": (lambda: corpus.film()[:40], "BROKEN_VIDEO"),
    "a video of two seconds": (lambda: corpus.film(2.0), "VIDEO_TOO_SHORT"),
    "a video wider than 4K": (lambda: corpus.film(3.0, fps=23, size=(4112, 64), sound=""), "VIDEO_TOO_WIDE"),
    "a video with sound of no name": (
        lambda: corpus.film().replace(b"mp4a", b"zzzz").replace(b"esds", b"zzzz"),
        "VIDEO_CODEC",
    ),
    "a video with pictures of no name": (lambda: corpus.film().replace(b"avc1", b"zzzz"), "VIDEO_CODEC"),
    "an index of fifty million": (lambda: with_index_of(50_000_000), "VIDEO_CODEC"),
    "a packed index": (lambda: corpus.film().replace(b"udta", b"cmov"), "VIDEO_CODEC"),
    "a million edits": (
        lambda: corpus.film().replace(b"elst\0\0\0\0\0\0\0\1", b"elst\0\0\0\0\0\x0f\0\0"),
        "VIDEO_CODEC",
    ),
    "a video of ten megapixels": (lambda: corpus.film(0.1, size=(1800, 5600), sound=""), "BROKEN_VIDEO"),
    "a ribbon": (lambda: corpus.film(3.0, size=(16, 512), sound=""), "VIDEO_SHAPE"),
    "only sound": (corpus.only_sound, "NO_PICTURE"),
}


def scanned_again(times: int) -> bytes:
    """Return a JPEG whose last scan comes so many times more; at 60 megapixels each would take 50 ms."""
    data = corpus.saved(corpus.drawing(), "JPEG", progressive=True)
    return data[:-2] + data[data.rindex(b"\xff\xda") : -2] * times + data[-2:]


def test_what_a_phone_hangs_on_a_picture_counts_for_nothing(take):
    assert take(corpus.jpeg() + b"\xff\xda" * 500).kind == "image"
    assert take(scanned_again(3)).kind == "image"


def with_index_of(samples: int) -> bytes:
    """Return a video of 4 kB whose index says that it has so many samples of one byte, which took FFmpeg 3.5 GB."""
    data = bytearray(corpus.film(sound=""))
    for name, place, word in (
        (b"stsz", 8, (1).to_bytes(4)),
        (b"stsz", 12, b""),
        (b"stsc", 16, b""),
        (b"stts", 12, b""),
    ):
        at = data.index(name) + place
        data[at : at + 4] = word or samples.to_bytes(4)
    return bytes(data)


def smaller_than_it_is() -> bytes:
    """Return a HEIC whose box says 64 pixels a side; its decoder stops at what does not fit."""
    data = bytearray(corpus.saved(corpus.drawing(), "HEIF"))
    size = data.index(b"ispe") + 8
    data[size : size + 8] = (64).to_bytes(4) * 2
    return bytes(data)


def without_index(data: bytes) -> bytes:
    """Return a recording that was never closed: its index stands at the end and is missing."""
    return data[: data.index(b"moov") - 4]


@pytest.mark.parametrize(("draw", "code"), BAD.values(), ids=BAD)
def test_a_bad_file_is_refused_with_one_sentence(refusal_of, draw, code, media_folder):
    refusal = refusal_of(draw())
    assert refusal.code == code
    assert refusal.sentence and "%(" not in refusal.sentence
    assert not MediaAsset.objects.exists() and not list(media_folder.rglob("*.*"))


@pytest.mark.parametrize("name", ["photo.png", "photo.mp4", "photo", "../../etc/passwd", "page.html", "é 🥖.jpeg"])
def test_the_name_does_not_matter(take, name):
    asset = take(corpus.jpeg(), name)
    assert asset.content_type == "image/jpeg"
    assert asset.file.name.endswith(".jpg")


def test_a_file_beyond_500_megabytes_is_refused_unread(alice, refusal_of, monkeypatch):
    monkeypatch.setattr(limits, "UPLOAD_BYTES", 1000)
    assert refusal_of(corpus.jpeg()).code == "TOO_HEAVY"


def test_a_picture_beyond_our_own_limit_is_refused(refusal_of, monkeypatch):
    monkeypatch.setattr("scheduler.services.picture_intake.PICTURE_BYTES", 1000)
    assert refusal_of(corpus.jpeg()).code == "PICTURE_TOO_HEAVY"


def test_sentences_say_what_to_do_without_blame():
    for sentence in SENTENCES.values():
        words = sentence.lower()
        assert sentence.count(". ") >= 1 and sentence.endswith(".")
        assert not any(word in words for word in ("please", "sorry", "oops", "invalid", "error", "!"))


# --- Videos ---------------------------------------------------------------------------------------------------
def test_a_good_video_goes_out_as_it_came(take):
    asset = take(corpus.film(), "film.mp4")
    assert (asset.kind, asset.width, asset.height) == ("video", 144, 256)
    assert asset.duration_ms == pytest.approx(4000, abs=60)
    assert bytes_of(asset) == corpus.film()


def test_a_good_video_is_kept_once(take, media_folder):
    take(corpus.film(), "film.mp4")
    assert len(list(media_folder.rglob("*.mp4"))) == 1


def test_a_mov_keeps_its_type(take):
    asset = take(corpus.film(form="mov"), "film.mov")
    assert asset.rendition("publish").content_type == "video/quicktime"
    assert asset.rendition("publish").path.endswith("/publish.mov")


def test_a_video_with_its_index_at_the_end_is_reordered(take):
    data = corpus.film(index_in_front=False)
    out = bytes_of(take(data, "film.mp4"))
    assert data.index(b"mdat") < data.index(b"moov")
    assert out.index(b"moov") < out.index(b"mdat")


def test_a_videos_place_does_not_go_out(take):
    data = corpus.film(form="mov", place="-23.5505-046.6333/")
    assert b"-23.5505" in data
    assert b"-23.5505" not in bytes_of(take(data, "film.mp4"))


def test_a_track_in_which_a_camera_writes_its_way_does_not_go_out(take):
    with_sound = corpus.film()
    tracked = with_sound.replace(b"soun", b"meta").replace(b"mp4a", b"gpmd").replace(b"esds", b"free")
    assert b"gpmd" not in bytes_of(take(tracked, "film.mp4"))


def test_a_film_that_cannot_be_copied_without_its_place_is_made_anew(take, monkeypatch):
    monkeypatch.setattr(videos, "copy_streams", lambda source, target: False)
    asset = take(corpus.film(form="mov", place="-23.5505-046.6333/"), "film.mp4")
    assert asset.state == "waiting" and asset.rendition("publish") is None


def test_hevc_is_taken(take):
    asset = take(corpus.film(3.0, codec="libx265", sound=""), "film.mp4")
    assert asset.kind == "video"


def test_a_videos_still_is_not_its_black_lead_in(take):
    image = made(take(corpus.film(dark_s=1.0), "film.mp4"), "poster")
    assert image.format == "JPEG" and is_close(image.getpixel((20, 20)), RED)


@pytest.mark.parametrize("index_in_front", [True, False])
def test_a_video_on_its_side_is_shown_upright(take, index_in_front):
    asset = take(corpus.film_on_its_side(index_in_front=index_in_front), "film.mp4")
    assert (asset.width, asset.height) == (144, 256)
    assert is_close(made(asset, "poster").getpixel((30, 30)), RED)


def test_a_reordered_video_is_still_shown_upright(take):
    asset = take(corpus.film_on_its_side(index_in_front=False), "film.mp4")
    assert read_film(Path(asset.rendition("publish").file.path), widest=1920).height == 256


def test_a_dark_video_has_a_still_all_the_same(take):
    assert made(take(corpus.film(dark_s=4.0), "film.mp4"), "poster").size == (144, 256)


def test_a_video_has_a_thumbnail(take):
    assert made(take(corpus.film(), "film.mp4"), "thumbnail").size == (144, 144)


@pytest.mark.parametrize(
    ("head", "content_type"),
    [
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        (b"\x00\x00\x00\x14ftypqt  ", "video/quicktime"),
        (b"\x00\x00\x00\x18ftypheic", "image/heic"),
        (b"\x00\x00\x00\x18ftypavif", "image/avif"),
        (b"\xef\xbb\xbf \n<svg xmlns=", "image/svg+xml"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"", ""),
    ],
)
def test_first_bytes_tell_the_type(head, content_type):
    assert sniff(head) == content_type


def test_a_disk_that_takes_nothing_is_told_in_the_form(refusal_of, monkeypatch):
    def full(*_words, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage._save", full)
    assert refusal_of(corpus.jpeg()).code == "NOT_KEPT"
