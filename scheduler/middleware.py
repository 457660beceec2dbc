"""What every request passes: a bound on its body, the real address behind a proxy, the person's zone and language."""

from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers

from scheduler.instagram.limits import VIDEO_BYTES
from scheduler.lib import clock
from scheduler.lib.zones import is_zone
from scheduler.models import ApiToken

Answer = Callable[[HttpRequest], HttpResponse]

# Answers that are the same for everybody who knows the address: nobody's session is read there, so no cookie is set
# and none is needed.
IMPERSONAL = ("/m/", "/health/", "/robots.txt", "/calendar/feed/")


# What somebody who is not signed in may send, and what a whole carousel of the heaviest files comes to, in bytes.
STRANGER_BODY = 1_000_000
LARGEST_BODY = 11 * VIDEO_BYTES
# The simulated Instagram's: it asks for a token before it reads, and takes no more than one video.
VIDEO_DOOR = "/sandbox/rupload.facebook.com/"
API = "/api/"


class BodyMiddleware:
    """Refuse a body that is too large before a byte of it is read: Django writes uploads to the disk as they come."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 413 or 415, or go on; only who is signed in may send files."""
        _drop_made_up_session(request)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or len(length) > 18 or int(length) > LARGEST_BODY:
            return _too_large(request)
        if int(length) > STRANGER_BODY and not _may_send_files(request):
            return _too_large(request)
        if (request.content_params or {}).get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
            return _other_letters(request)
        return self.get_response(request)


def _too_large(request: HttpRequest) -> HttpResponse:
    return _refused(request, 413, "TOO_LARGE", "This is larger than Pauta takes.")


def _other_letters(request: HttpRequest) -> HttpResponse:
    """Refuse what is not in UTF-8: Python knows codecs that are none for text, and some that make half characters."""
    return _refused(request, 415, "UNSUPPORTED_MEDIA_TYPE", "Pauta reads UTF-8.")


def _refused(request: HttpRequest, status: int, code: str, words: str) -> HttpResponse:
    """Return a refusal, to programs in the shape of the API's."""
    if request.path_info.startswith(API):
        told = {"error": {"code": code, "message": words, "fields": {}}}
        return JsonResponse(told, status=status)
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")


def _may_send_files(request: HttpRequest) -> bool:
    is_known = _is_known(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))
    return is_known or request.path_info.startswith(VIDEO_DOOR) or _has_token(request)


def _has_token(request: HttpRequest) -> bool:
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    is_asked = request.path_info.startswith(API) and scheme.lower() == "bearer"
    return is_asked and ApiToken.at(secret.strip(), clock.now()) is not None


def _drop_made_up_session(request: HttpRequest) -> None:
    """Forget a session's name that we never give: PostgreSQL stumbles over a NUL, which a cookie can carry."""
    if not request.COOKIES.get(settings.SESSION_COOKIE_NAME, "x").isalnum():
        del request.COOKIES[settings.SESSION_COOKIE_NAME]


def _is_known(session_key: str) -> bool:
    return session_key.isalnum() and "_auth_user_id" in SessionStore(session_key)


class ProxyMiddleware:
    """Believe X-Forwarded-Proto, -Host and -For when a trusted proxy sent them, and drop them otherwise."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Put the visitor's address, host and scheme where Django looks for them."""
        meta = request.META
        told = {word: meta.pop(f"HTTP_X_FORWARDED_{word}", "") for word in ("PROTO", "HOST", "FOR")}
        if _is_trusted(meta.get("REMOTE_ADDR", "")):
            if told["PROTO"] in {"http", "https"}:
                meta["wsgi.url_scheme"] = told["PROTO"]
            if told["HOST"]:
                meta["HTTP_HOST"] = told["HOST"]
            meta["REMOTE_ADDR"] = _visitor(told["FOR"]) or meta["REMOTE_ADDR"]
        return self.get_response(request)


class PersonMiddleware:
    """Show times in the person's zone and words in the person's language; LocaleMiddleware did the browser's."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Activate zone and language for the length of one request."""
        if request.path.startswith(IMPERSONAL) or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        person = request.user
        if person.is_authenticated:
            _speak(request, person.language)
        zone = getattr(person, "timezone", "")
        with timezone.override(zone if is_zone(zone) else "UTC"):
            answer = self.get_response(request)
        if person.is_authenticated and "Cache-Control" not in answer:
            # After signing out, nobody finds the pages again with the back button.
            add_never_cache_headers(answer)
        return answer


def _speak(request: HttpRequest, language: str) -> None:
    if language and translation.check_for_language(language):
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language()


def _visitor(forwarded_for: str) -> str:
    """Return the nearest hop that is not a proxy of ours; what stands before it may be made up."""
    hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
    return next((hop for hop in reversed(hops) if not _is_trusted(hop)), "")


def _is_trusted(address: str) -> bool:
    try:
        return any(ip_address(address) in network for network in _networks(tuple(settings.TRUSTED_PROXIES)))
    except ValueError:
        return False


@lru_cache
def _networks(proxies: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(proxy, strict=False) for proxy in proxies)


class TextGZipMiddleware(GZipMiddleware):
    """Compress pages and JSON; pictures and videos are compressed already, and a part's length must stay true."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress text, leave everything else alone."""
        kind = response.get("Content-Type", "")
        if not kind.startswith(("text/", "application/json")):
            return response
        return super().process_response(request, response)
