"""A call that is sent twice with one key is done once."""

from datetime import timedelta

import pytest

from scheduler.api.base import ApiView
from scheduler.models import ApiAnswer, ScheduledPost
from tests.api.conftest import problem_of

pytestmark = pytest.mark.django_db
POSTS = "scheduled-posts/"


def test_the_same_call_gets_the_same_answer(api):
    first, second = (api.ask("post", POSTS, {"caption": "Bread"}, idempotency_key="a") for _ in range(2))
    assert (first.status_code, second.status_code, second.json()) == (201, 201, first.json())
    assert second["Idempotency-Replayed"] == "true" and second["ETag"] == first["ETag"]
    assert ScheduledPost.objects.count() == 1


def test_a_refusal_is_given_again_too(api):
    answers = [api.ask("post", POSTS, {"media_type": "GIF"}, idempotency_key="a") for _ in range(2)]
    assert [problem_of(answer, 400) for answer in answers] == ["VALIDATION_FAILED"] * 2


def test_another_body_or_address_is_refused(api, make_post):
    api.ask("post", POSTS, {"caption": "Bread"}, idempotency_key="a")
    assert problem_of(api.ask("post", POSTS, {"caption": "Rolls"}, idempotency_key="a"), 422) == "KEY_REUSED"
    cancel = f"{POSTS}{make_post().pk}/cancel/"
    assert problem_of(api.ask("post", cancel, idempotency_key="a"), 422) == "KEY_REUSED"


def test_two_people_may_use_one_key(api, program, charlie):
    for one in (api, program(owner=charlie)):
        assert one.ask("post", POSTS, {"caption": "Bread"}, idempotency_key="a").status_code == 201


def test_while_the_first_call_is_worked_on_the_second_waits(api, today, noon):
    api.ask("post", POSTS, {}, idempotency_key="a")
    ApiAnswer.objects.update(status=None)
    answer = api.ask("post", POSTS, {}, idempotency_key="a")
    assert problem_of(answer, 409) == "KEY_IN_USE" and answer["Retry-After"] == "1"
    today.move_to(noon + timedelta(minutes=6))  # its worker died
    assert api.ask("post", POSTS, {}, idempotency_key="a").status_code == 201


def test_a_key_is_forgotten_after_a_day(api, today, noon):
    for hours, posts in [(0, 1), (23, 1), (25, 2)]:
        today.move_to(noon + timedelta(hours=hours))
        api.ask("post", POSTS, {}, idempotency_key="a")
        assert ScheduledPost.objects.count() == posts
    ApiAnswer.forget_old(noon + timedelta(hours=50))
    assert not ApiAnswer.objects.exists()


def test_a_mistake_of_ours_leaves_the_key_free(api, monkeypatch):
    api.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr("scheduler.api.posts.PostView.write", lambda *_: 1 / 0)
        assert api.ask("post", POSTS, {}, idempotency_key="a").status_code == 500
    assert api.ask("post", POSTS, {}, idempotency_key="a").status_code == 201


def test_a_worker_that_dies_before_it_answers_made_one_post(api, monkeypatch, today, noon):
    class Death(BaseException):
        """The process ends here."""

    def die(*_):
        raise Death

    with monkeypatch.context() as patch:
        patch.setattr(ApiView, "finalize_response", die)
        with pytest.raises(Death):
            api.ask("post", POSTS, {"caption": "Bread"}, idempotency_key="a")
    today.move_to(noon + timedelta(minutes=6))
    answer = api.ask("post", POSTS, {"caption": "Bread"}, idempotency_key="a")
    assert answer["Idempotency-Replayed"] == "true"
    assert answer.json()["id"] == ScheduledPost.objects.get().pk


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "a b", "ação"])
def test_a_key_that_is_none_is_refused(api, key):
    assert problem_of(api.ask("post", POSTS, {}, idempotency_key=key), 400) == "KEY_FORM"
