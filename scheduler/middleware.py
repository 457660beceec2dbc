"""What every request passes: the real address behind a trusted proxy, then the person's zone and language."""

from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers

from scheduler.lib.zones import is_zone

Answer = Callable[[HttpRequest], HttpResponse]

# Answers that are the same for everybody: nobody's session is read there, so no cookie is set and none is needed.
IMPERSONAL = ("/m/", "/health/", "/robots.txt")


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
