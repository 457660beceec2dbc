"""Who lives on the simulated Facebook: two people, their Pages and accounts, and a few places."""

from typing import Any

from django.db import transaction

from scheduler.sandbox.models.facebook import EVERY_TASK, Business, FacebookPerson, Page, PageRole
from scheduler.sandbox.models.profile import Profile

# Instagram accounts that only Facebook people manage.
_ACCOUNTS: tuple[dict[str, Any], ...] = (
    {"username": "atelie.ipe", "name": "Ateliê Ipê", "followers_count": 912, "follows_count": 230},
    {"username": "oficina.prado", "name": "Oficina Prado", "followers_count": 640, "follows_count": 122},
    {"username": "clube.corrida", "name": "Clube de Corrida", "followers_count": 3310, "follows_count": 88},
    {"username": "radio.litoral", "name": "Rádio Litoral", "followers_count": 15200, "follows_count": 301},
    {"username": "cantina.sol", "name": "Cantina Sol", "followers_count": 477, "follows_count": 95},
)
_CITY = {"city": "São Paulo", "country": "Brazil", "latitude": -23.55, "longitude": -46.63}
_PAGES: tuple[dict[str, Any], ...] = (
    {"name": "Padaria Aurora", "category": "Padaria", "account": "padaria.aurora", "location": _CITY},
    {"name": "Estúdio Lume", "category": "Fotografia", "account": "estudio.lume"},
    {"name": "Livraria Maresia", "category": "Livraria", "account": "livraria.maresia"},
    {"name": "Ateliê Ipê", "category": "Galeria de arte", "account": "atelie.ipe"},
    {"name": "Bazar da Praça", "category": "Loja"},
    {"name": "Joana Duarte", "category": "Blog", "account": "joana.pessoal"},
    {"name": "Oficina Prado", "category": "Oficina", "account": "oficina.prado"},
    {"name": "Clube de Corrida", "category": "Clube esportivo", "account": "clube.corrida"},
    {"name": "Rádio Litoral", "category": "Rádio", "account": "radio.litoral", "needs_authorization": True},
    {"name": "Cantina Sol", "category": "Restaurante", "account": "cantina.sol"},
)
# Fixed ids, so that a post can name a place without searching for it.
_PLACES: tuple[dict[str, Any], ...] = (
    {
        "graph_id": "400000000000001",
        "name": "Central Park",
        "location": {"city": "New York", "country": "United States", "latitude": 40.78, "longitude": -73.96},
    },
    {"graph_id": "400000000000002", "name": "Parque Ibirapuera", "location": _CITY},
    {"graph_id": "400000000000003", "name": "Mercado Municipal de São Paulo", "location": _CITY},
    {
        "graph_id": "400000000000004",
        "name": "Praia de Copacabana",
        "location": {"city": "Rio de Janeiro", "country": "Brazil", "latitude": -22.97, "longitude": -43.18},
    },
    {"graph_id": "400000000000005", "name": "Parque sem endereço"},
)


def people() -> list[FacebookPerson]:
    """Return everyone on Facebook; the first look makes the default cast."""
    if not FacebookPerson.objects.exists():
        with transaction.atomic(using="sandbox"):
            _make_cast()
    return list(FacebookPerson.objects.all())


def _make_cast() -> None:
    Profile.everyone()
    for facts in _ACCOUNTS:
        Profile.objects.get_or_create(username=facts["username"], defaults=facts)
    pages = {facts["name"]: _page(**facts) for facts in _PAGES}
    make_places()
    group = Business.objects.create(name="Grupo Aurora")
    marina = FacebookPerson.objects.create(slug="marina", name="Marina Duarte")
    for name in ("Padaria Aurora", "Estúdio Lume", "Bazar da Praça", "Joana Duarte"):
        _role(marina, pages[name])
    _role(marina, pages["Livraria Maresia"], business=group, relation=PageRole.Relation.OWNED)
    _role(marina, pages["Ateliê Ipê"], business=group, relation=PageRole.Relation.CLIENT)
    rafael = FacebookPerson.objects.create(slug="rafael", name="Rafael Prado")
    for name in ("Oficina Prado", "Rádio Litoral"):
        _role(rafael, pages[name])
    _role(rafael, pages["Clube de Corrida"], tasks=["ANALYZE"])
    _role(rafael, pages["Cantina Sol"], is_lost=True)


def make_places() -> None:
    """Add the places that posts can name; a second time it does nothing."""
    if not Page.objects.filter(graph_id=_PLACES[0]["graph_id"]).exists():
        Page.objects.bulk_create([Page(**facts) for facts in _PLACES], ignore_conflicts=True)


def _page(*, name: str, category: str, account: str = "", **more: Any) -> Page:
    profile = Profile.objects.filter(username=account).first()
    return Page.objects.create(name=name, category=category, profile=profile, **more)


def _role(person: FacebookPerson, page: Page, **more: Any) -> None:
    PageRole.objects.create(person=person, page=page, **({"tasks": list(EVERY_TASK)} | more))
