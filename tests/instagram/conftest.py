"""The client under test speaks to a script."""

import pytest

from scheduler.instagram.client import Client
from tests.instagram.scripted import GRAPH, SENTINEL, VERSION, ScriptedAdapter


@pytest.fixture
def wire():
    return ScriptedAdapter()


@pytest.fixture
def client(wire):
    return Client(graph_url=GRAPH, version=VERSION, token=SENTINEL, session=wire.session)
