"""Build the client that speaks for an account; the only place where a token is opened."""

from django.conf import settings

from scheduler.instagram.client import Client
from scheduler.instagram.facebook_login import FacebookLogin
from scheduler.instagram.oauth import InstagramLogin
from scheduler.instagram.page_client import PageClient
from scheduler.instagram.places import PlaceSearch
from scheduler.models import InstagramAccount


def client_for(account: InstagramAccount) -> Client:
    """Return a client with the account's token and host. Raises KeyProblem when the token cannot be opened."""
    if account.login == InstagramAccount.Login.FACEBOOK:
        return PageClient(
            graph_url=settings.FACEBOOK_GRAPH_URL,
            version=settings.GRAPH_API_VERSION,
            token=account.token(),
            user_token=account.user_token(),
            app_secret=settings.FACEBOOK_APP_SECRET,
            rupload_url=settings.RUPLOAD_URL,
        )
    return Client(graph_url=settings.INSTAGRAM_GRAPH_URL, version=settings.GRAPH_API_VERSION, token=account.token())


def place_search_for(account: InstagramAccount) -> PlaceSearch:
    """Return a search in the name of the Facebook user behind an account. Raises KeyProblem."""
    return PlaceSearch(
        graph_url=settings.FACEBOOK_GRAPH_URL,
        version=settings.GRAPH_API_VERSION,
        token=account.user_token(),
        app_secret=settings.FACEBOOK_APP_SECRET,
    )


def client_for_token(token: str) -> Client:
    """Return a client for a token that is not stored yet (Instagram Login)."""
    return Client(graph_url=settings.INSTAGRAM_GRAPH_URL, version=settings.GRAPH_API_VERSION, token=token)


def instagram_login() -> InstagramLogin:
    """Return the Instagram Login flow of this installation's app."""
    return InstagramLogin(
        app_id=settings.INSTAGRAM_APP_ID,
        app_secret=settings.INSTAGRAM_APP_SECRET,
        www_url=settings.INSTAGRAM_WWW_URL,
        api_url=settings.INSTAGRAM_API_URL,
        graph_url=settings.INSTAGRAM_GRAPH_URL,
        version=settings.GRAPH_API_VERSION,
    )


def facebook_login() -> FacebookLogin:
    """Return the Facebook Login flow of this installation's app."""
    return FacebookLogin(
        app_id=settings.FACEBOOK_APP_ID,
        app_secret=settings.FACEBOOK_APP_SECRET,
        config_id=settings.FACEBOOK_CONFIG_ID,
        www_url=settings.FACEBOOK_WWW_URL,
        graph_url=settings.FACEBOOK_GRAPH_URL,
        version=settings.GRAPH_API_VERSION,
    )
