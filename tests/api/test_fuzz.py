"""The description is true: whatever a program sends that fits it is done, whatever doesn't is refused as it says."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as effort

from scheduler.lib import clock, tus
from scheduler.models.api_token import ApiToken, Scope
from tests.publishing.conftest import account, instagram, time  # noqa: F401 (the cast)

schemathesis.serializer.alias(tus.PIECE_TYPE, "application/octet-stream")
pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
REFUSALS = ["400", "401", "403", "404", "405", "406", "409", "412", "413", "415", "422"]
CONFIG = {
    "generation": {"mode": "all", "allow-x00": False},
    "checks": {
        # A rule of Instagram's or of time is no rule of form: 400 and 409 say it, with the field.
        "positive_data_acceptance": {"expected-statuses": ["2xx", "400", "404", "409", "412", "422"]},
        "negative_data_rejection": {"expected-statuses": REFUSALS},
    },
    # What left the library is still there for the posts that have it, and to be put back.
    "operations": [{"include-operation-id": "get_media", "checks": {"use_after_free": {"enabled": False}}}],
}
EFFORT = effort(
    max_examples=25,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[*HealthCheck],
)


@pytest.fixture
def open_database(db):
    """Let the end of an answer leave the test's transaction open, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def described(settings, alice, make_post, account, open_database):  # noqa: F811
    """Return the description, with Alice's token, an account and a post of hers."""
    settings.API_RATE = settings.API_ANON_RATE = "1000000/min"
    make_post()
    _token, secret = ApiToken.make(alice, "Fuzz", Scope.values, clock.now())
    settings.CRON_SECRET = secret
    schema = schemathesis.openapi.from_wsgi("/api/schema/", product(), config=schemathesis.Config.from_dict(CONFIG))
    schema.auth()(bearer(secret))
    return schema


def bearer(secret):
    """Return what gives every call the token, and lets the checks take it away again."""

    class Bearer:
        def get(self, case, context):
            return f"Bearer {secret}"

        def set(self, case, data, context):
            case.headers = {**(case.headers or {}), "Authorization": data}

    return Bearer


def product():
    """Return the product as a program on this machine meets it, without compression."""
    served = get_wsgi_application()

    def answer(environ, start_response):
        environ.pop("HTTP_ACCEPT_ENCODING", None)
        return served({"REMOTE_ADDR": "127.0.0.1"} | environ, start_response)

    return answer


def operations():
    """Return the name of each operation and what to send it: what fits, and what doesn't where it takes anything."""
    paths = SchemaGenerator().get_schema(public=True)["paths"]
    for operation in (operation for path in paths.values() for operation in path.values()):
        yield operation["operationId"], schemathesis.GenerationMode.POSITIVE
        if operation.get("parameters") or "requestBody" in operation:
            yield operation["operationId"], schemathesis.GenerationMode.NEGATIVE


@pytest.mark.parametrize(("name", "mode"), list(operations()))
def test_every_operation_is_as_described(described, name, mode):
    operation = described.find_operation_by_id(name)

    @EFFORT
    @given(operation.as_strategy(generation_mode=mode))
    def ask(case):
        case.call_and_validate()

    ask()


def test_what_is_made_can_be_worked_with(described):
    class Programs(described.as_state_machine()):
        """Each begins where the test begins: the same steps again must meet the same rows."""

        def setup(self):
            self.before = transaction.savepoint()

        def teardown(self):
            transaction.savepoint_rollback(self.before)
            super().teardown()

    Programs.run(settings=EFFORT)
