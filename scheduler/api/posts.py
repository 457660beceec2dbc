"""Scheduled posts: read, write, and delete their plans."""

from functools import cache
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from scheduler.api.base import ApiView, Pages, paged
from scheduler.api.post_fields import PostInput, PostQuery, PostSerializer, posts_of, with_rows
from scheduler.api.problems import FieldsRefused, Refusal
from scheduler.forms.post_json import JsonPostForm
from scheduler.lib import clock
from scheduler.models import ScheduledPost, Status, WrongState
from scheduler.services import post_actions, undoable

IN_LINE = OpenApiExample(
    "A photo in line",
    {
        "instagram_account": 1,
        "caption": "Rye with honey and walnuts, out of the oven at seven.",
        "media_urls": ["https://example.com/rye.jpg"],
        "alt_texts": ["A dark round loaf, cut in half"],
        "scheduled_for": "2026-12-24T10:00:00Z",
        "status": "scheduled",
    },
    request_only=True,
)
ANOTHER_TIME = OpenApiExample(
    "Another time", {"scheduled_for": "2026-12-25T10:00:00Z", "version": 3}, request_only=True
)


class DeletedSerializer(serializers.Serializer):
    """What a deletion left."""

    id = serializers.IntegerField()
    is_live = serializers.BooleanField(help_text="Whether it is on Instagram, where it stays.")
    permalink = serializers.CharField()
    message = serializers.CharField()


def etag_of(post: ScheduledPost) -> str:
    """Return what changes with anything a person does to the post."""
    return f'"{post.version}"'


def answer_of(post: ScheduledPost, status: int = 200) -> Response:
    """Return a post with its ETag."""
    return Response(_telling().to_representation(post), status=status, headers={"ETag": etag_of(post)})


@cache
def _telling() -> PostSerializer:
    """Return what tells a post; it knows of none, and to make its fields takes as long as to read a post."""
    return PostSerializer()


class PostView(ApiView):
    """What addresses of one post share."""

    about = "posts"

    def post_at(self, pk: int) -> ScheduledPost:
        """Return the person's post with all that its JSON tells."""
        return self.found(with_rows(ScheduledPost.objects.for_user(self.person)), pk)

    def unchanged_post_at(self, pk: int) -> ScheduledPost:
        """Return the post if it is as If-Match says. Raises Refusal."""
        post, told = self.post_at(pk), self.request.headers.get("If-Match", "*")
        if told.strip() != "*" and etag_of(post) not in [tag.strip() for tag in told.split(",")]:
            words = _("This post changed in the meantime. This is the latest version.")
            raise Refusal(412, "STALE", words, current=PostSerializer(post).data, headers={"ETag": etag_of(post)})
        return post

    def refused(self, pk: int, trouble: WrongState) -> Refusal:
        """Return the refusal of a rule, with how the post stands."""
        current = PostSerializer(self.post_at(pk)).data
        return Refusal(409, trouble.code, trouble.sentence, current=current)

    def write(self, said: dict[str, Any], post: ScheduledPost | None) -> ScheduledPost:
        """Save what was said as the page's form does, and put it in line or take it out. All of it or nothing."""
        now, wish = clock.now(), said.get("status")
        is_to_go = wish == Status.SCHEDULED and (post is None or post.status != Status.SCHEDULED)
        is_to_stay = wish == Status.DRAFT and post is not None and post.status != Status.DRAFT
        if is_to_stay and post is not None:
            post_actions.unschedule(post, self.person, now)
        form = JsonPostForm(said, user=self.person, now=now, act="schedule" if is_to_go else "save", post=post)
        if not form.is_valid():
            raise FieldsRefused(form.json_errors())
        with transaction.atomic():
            saved = form.save()
            if is_to_go:
                post_actions.schedule(saved, self.person, now)
        return saved


class Posts(PostView):
    """The person's posts."""

    queries = {"GET": PostQuery}
    pagination_class = Pages

    @extend_schema(operation_id="list_posts", responses=PostSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List posts, the ones planned last first unless `ordering` says otherwise."""
        return paged(self, posts_of(self.person, self.asked), PostSerializer)

    @extend_schema(operation_id="create_post", request=PostInput, responses={201: PostSerializer}, examples=[IN_LINE])
    def post(self, request: Request) -> Response:
        """Make a draft, or with `"status": "scheduled"` a post in line."""
        said = self.sent(PostInput)
        with transaction.atomic():  # the post and the answer to its key are there together, whenever a worker dies
            saved = self.write(said, None)
            answer = answer_of(self.post_at(saved.pk), 201)
            answer["Location"] = f"{request.path}{saved.pk}/"
            self.keep(answer)
        return answer


class Post(PostView):
    """One post."""

    guarded = frozenset({"PATCH", "DELETE"})

    @extend_schema(operation_id="get_post", responses=PostSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Return one post; its ETag is what If-Match takes."""
        return answer_of(self.post_at(pk))

    @extend_schema(operation_id="change_post", request=PostInput, responses=PostSerializer, examples=[ANOTHER_TIME])
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is named; of a scheduled post at once, by the rules of “Apply changes”."""
        post, said = self.unchanged_post_at(pk), self.sent(PostInput)
        try:
            post_actions.require_editable(post)
            with transaction.atomic():
                self.write(said, post)
        except WrongState as trouble:
            raise self.refused(pk, trouble) from None
        return answer_of(self.post_at(pk))

    @extend_schema(operation_id="delete_post", responses={200: DeletedSerializer})
    def delete(self, request: Request, pk: int) -> Response:
        """Delete the plan; what is live on Instagram stays there."""
        post = self.unchanged_post_at(pk)
        is_live, link = post.status == Status.PUBLISHED, post.permalink
        try:
            undoable.delete(post, self.person, clock.now())
        except WrongState as trouble:
            raise self.refused(pk, trouble) from None
        told = _("Deleted here. It stays on Instagram.") if is_live else _("Deleted.")
        return Response({"id": pk, "is_live": is_live, "permalink": link, "message": told})
