"""One call to graph.facebook.com: a user or Page token, the Pages it reaches, and their Instagram accounts."""

import hashlib
import hmac
from typing import cast

from django.conf import settings
from django.db.models import QuerySet

from scheduler.sandbox import errors, ids
from scheduler.sandbox.errors import invalid, refuse
from scheduler.sandbox.graph.call import Call, expired_text
from scheduler.sandbox.graph.values import as_text
from scheduler.sandbox.models import Comment, Container, FacebookToken, Grant, Media, PageRole, Profile
from scheduler.sandbox.models.facebook import (
    ADS_MANAGE,
    ADS_READ,
    IG_BASIC,
    IG_COMMENTS,
    IG_CONTENTS,
    IG_INSIGHTS,
    IG_PUBLISH,
    PAGES_READ,
    FacebookPerson,
)
from scheduler.sandbox.models.login import BASIC, COMMENTS, INSIGHTS, PUBLISH

PREFIX = "EAA"
_SCOPES = {
    BASIC: (IG_BASIC, PAGES_READ),
    PUBLISH: (IG_BASIC, IG_PUBLISH, PAGES_READ),
    COMMENTS: (IG_BASIC, IG_COMMENTS, PAGES_READ),
    INSIGHTS: (IG_BASIC, IG_INSIGHTS, PAGES_READ),
    IG_CONTENTS: (IG_BASIC, IG_CONTENTS),
}
_TASKS = {
    PUBLISH: frozenset({"CREATE_CONTENT"}),
    COMMENTS: frozenset({"MODERATE"}),
    INSIGHTS: frozenset({"ANALYZE"}),
    IG_CONTENTS: frozenset({"CREATE_CONTENT"}),
}


class FacebookCall(Call):
    """A call whose token belongs to a Facebook person, or to one of their Pages."""

    is_facebook = True
    facebook_token: FacebookToken | None = None

    def find_token(self) -> None:
        """Look the token up, and the account that the path is about; both are judged later."""
        self.facebook_token = FacebookToken.find(self.token_text) if self.token_text else None
        self.subject = _account_named(self.path.partition("/")[0])

    @property
    def person(self) -> FacebookPerson:
        """Return whose token it is; only after `signed_in_token`."""
        return cast(FacebookToken, self.facebook_token).person

    @property
    def is_app(self) -> bool:
        """Tell whether the app itself calls, with its id and secret in place of a token."""
        app = f"{settings.FACEBOOK_APP_ID}|{settings.FACEBOOK_APP_SECRET}"
        return bool(settings.FACEBOOK_APP_SECRET) and hmac.compare_digest(self.token_text.encode(), app.encode())

    def signed_in_token(self) -> FacebookToken:
        """Return the living token; raise 190 for one that is missing, of Instagram Login, dead or unknown."""
        token = self.facebook_token
        if not self.token_text.startswith(PREFIX):
            raise refuse(errors.CANNOT_PARSE)
        if token is None:
            raise refuse(errors.BAD_TOKEN)
        if token.killed_subcode is not None:
            raise refuse(errors.problem_for(190, token.killed_subcode))
        if token.expires_at and self.now >= token.expires_at:
            raise refuse(errors.TOKEN_EXPIRED, expired_text(token.expires_at, self.now))
        self._check_proof()
        if token.page and not self._roles_of(token).exists():
            raise refuse(errors.NO_ROLE)
        return token

    def signed_in(self) -> Profile:
        """Return the account the call is about; a Facebook token alone names none."""
        self.signed_in_token()
        if self.subject is None:
            raise refuse(errors.NO_OBJECT, id=self.path)
        return self.subject

    def _check_proof(self) -> None:
        sent = as_text(self.params, "appsecret_proof")
        if not sent and self.control.requires_proof:
            raise invalid("API calls from the server require an appsecret_proof argument")
        secret, token = settings.FACEBOOK_APP_SECRET.encode(), self.token_text.encode()
        proof = hmac.new(secret, token, hashlib.sha256).hexdigest()
        if sent and not hmac.compare_digest(sent.encode(), proof.encode()):
            raise refuse(errors.BAD_PROOF)

    # --- Permissions and roles ------------------------------------------------------------------------------
    def grant(self) -> Grant | None:
        """Return what the person allowed, None when they took everything back."""
        return Grant.objects.filter(person=self.person).first()

    def has(self, permission: str) -> bool:
        """Tell whether the person granted `permission` and data access has not run out."""
        grant = self.grant()
        return grant is not None and grant.allows(permission, self.now)

    def roles(self) -> QuerySet[PageRole]:
        """Return the roles that the token carries: one of a Page token, of a user token those of granted Pages."""
        token, grant = self.signed_in_token(), self.grant()
        return self._roles_of(token).filter(page__graph_id__in=grant.page_ids if grant else [])

    def _roles_of(self, token: FacebookToken) -> QuerySet[PageRole]:
        held = PageRole.objects.filter(person=token.person, is_lost=False)
        rows = held.filter(page=token.page) if token.page else held
        return rows.select_related("page", "page__profile", "business")

    def reach(self, permission: str) -> list[Profile]:
        """Return the accounts behind the token's Pages; raise 10 when a permission was not granted."""
        roles, grant = list(self.roles()), self.grant()
        missing = [scope for scope in _SCOPES[permission] if grant is None or not grant.allows(scope, self.now)]
        if missing:
            raise refuse(errors.NO_PERMISSION, f"{errors.NO_PERMISSION.message}: {', '.join(missing)}")
        linked = [role.page.linked for role in roles]
        return [profile for profile in linked if profile and grant and profile.user_id in grant.account_ids]

    def names(self, node: str, profile: Profile) -> bool:
        """Tell whether `node` is the account's id; neither `me` nor an app-scoped id means it on this host."""
        return node == profile.user_id

    def entrusted(self, profile: Profile, permission: str) -> Profile:
        """Return the account; raise 200 when the person's role on its Page does not cover `permission`."""
        self.subject = profile
        role = self.roles().filter(page__profile=profile, page__is_disconnected=False).first()
        if role is None or not role.may(_TASKS.get(permission, frozenset())):
            raise refuse(errors.PERMISSION_GONE)
        if permission == PUBLISH and role.page.needs_authorization:
            raise refuse(errors.PAGE_AUTHORIZATION)
        if permission == PUBLISH and role.business and not (self.has(ADS_READ) or self.has(ADS_MANAGE)):
            raise refuse(errors.PERMISSION_GONE, "(#200) Requires ads_management or ads_read permission")
        return profile


def _account_named(node: str) -> Profile | None:
    """Return the account that an id belongs to, or whose container, post or comment it names."""
    if node.startswith(ids.CONTAINER):
        container = Container.objects.select_related("profile").filter(graph_id=node).first()
        return container.profile if container else None
    if node.startswith(ids.MEDIA):
        media = Media.objects.select_related("profile").filter(graph_id=node).first()
        return media.profile if media else None
    if node.startswith(ids.COMMENT):
        comment = Comment.objects.select_related("profile").filter(graph_id=node).first()
        return comment.profile if comment else None
    return Profile.objects.filter(user_id=node).first() if node.startswith(ids.USER) else None
