"""Scheduled posts: read, write, and delete their plans."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from scheduler.api.base import ApiView, paged
from scheduler.api.post_fields import PostQuery, PostSerializer, posts_of, with_rows
from scheduler.models import ScheduledPost


def etag_of(post: ScheduledPost) -> str:
    """Return what changes with anything a person or a worker does to the post."""
    return f'"{post.version}"'


def answer_of(post: ScheduledPost, status: int = 200) -> Response:
    """Return a post with its ETag."""
    return Response(PostSerializer(post).data, status=status, headers={"ETag": etag_of(post)})


class Posts(ApiView):
    """The person's posts."""

    @extend_schema(operation_id="list_posts", parameters=[PostQuery], responses=PostSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List posts, the ones planned last first unless `ordering` says otherwise."""
        return paged(self, posts_of(self.person, self.asked(PostQuery)), PostSerializer)


class Post(ApiView):
    """One post."""

    @extend_schema(operation_id="get_post", responses=PostSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Return one post; its ETag is what If-Match takes."""
        return answer_of(self.found(with_rows(ScheduledPost.objects.for_user(self.person)), pk))
