"""What is done to one post, and what its log says."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from scheduler.api.base import Instant, PageQuery, Pages, paged
from scheduler.api.post_fields import PostSerializer
from scheduler.api.posts import PostView, answer_of
from scheduler.lib import clock
from scheduler.models import PublishingLog, ScheduledPost, User, WrongState
from scheduler.models.api_token import Scope
from scheduler.services import post_actions, undoable
from scheduler.tasks import publish_soon

Do = Callable[[ScheduledPost, User, datetime], object]


class LogSerializer(serializers.Serializer):
    """One request to Instagram, or one decision about a post. Holds no token."""

    id = serializers.IntegerField()
    attempt_number = serializers.IntegerField()
    step = serializers.CharField()
    status = serializers.ChoiceField(choices=PublishingLog.Status.choices)
    api_endpoint = serializers.CharField()
    request_data = serializers.JSONField()
    response_data = serializers.JSONField()
    http_status = serializers.IntegerField(allow_null=True)
    error_code = serializers.CharField()
    error_message = serializers.CharField()
    duration_ms = serializers.IntegerField(allow_null=True)
    started_at = Instant()
    finished_at = Instant(allow_null=True)
    next_attempt_at = Instant(allow_null=True)


class _Act(PostView):
    guarded = frozenset({"POST"})

    def act(self, pk: int, do: Do) -> Response:
        """Do it, and answer how the post stands; 409 says why it was not done."""
        try:
            do(self.unchanged_post_at(pk), self.person, clock.now())
        except WrongState as trouble:
            raise self.refused(pk, trouble) from None
        return answer_of(self.post_at(pk))


class Cancel(_Act):
    """Calling off."""

    @extend_schema(operation_id="cancel_post", request=None, responses=PostSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Call a post off; it can be scheduled again."""
        return self.act(pk, undoable.cancel)


class PublishNow(_Act):
    """Sending at once."""

    scopes = {"POST": Scope.PUBLISH}

    @extend_schema(operation_id="publish_post_now", request=None, responses=PostSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Publish at once; the answer does not wait for Instagram. Asked twice, it goes out once."""
        return self.act(pk, partial(post_actions.publish_now, dispatch=publish_soon))


class Retry(_Act):
    """Another try."""

    scopes = {"POST": Scope.PUBLISH}

    @extend_schema(operation_id="retry_post", request=None, responses=PostSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Try a failed post again at once."""
        return self.act(pk, partial(post_actions.retry, dispatch=publish_soon))


class Logs(PostView):
    """What was asked of Instagram for a post, and answered."""

    queries = {"GET": PageQuery}
    pagination_class = Pages

    @extend_schema(operation_id="list_post_logs", responses=LogSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """List the lines, the newest first."""
        post = self.found(ScheduledPost.objects.for_user(self.person), pk)
        return paged(self, PublishingLog.objects.filter(scheduled_post=post), LogSerializer)
