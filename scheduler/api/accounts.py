"""Instagram accounts: which there are, how they stand, and disconnecting one."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from scheduler.api.base import ApiView, Instant, PageQuery, Pages, paged
from scheduler.lib import clock
from scheduler.models import InstagramAccount
from scheduler.services import accounts, quota


class AccountSerializer(serializers.Serializer):
    """An account, without anything that opens it."""

    id = serializers.IntegerField(read_only=True)
    instagram_user_id = serializers.CharField(read_only=True)
    instagram_username = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True)
    account_type = serializers.CharField(read_only=True)
    login = serializers.ChoiceField(choices=InstagramAccount.Login.choices, read_only=True)
    facebook_page_name = serializers.CharField(read_only=True)
    status = serializers.ChoiceField(choices=InstagramAccount.Status.choices, read_only=True)
    status_reason = serializers.CharField(read_only=True, help_text="A stable error name; empty when all is well.")
    can_publish = serializers.BooleanField(read_only=True)
    can_comment = serializers.BooleanField(read_only=True)
    paused_at = Instant(read_only=True, allow_null=True)
    timezone = serializers.CharField(read_only=True)
    connection_ends_at = Instant(read_only=True, allow_null=True, source="ends_at")
    connected_at = Instant(read_only=True, allow_null=True)
    daily_limit = serializers.SerializerMethodField(help_text="Posts within any 24 hours.")

    def get_daily_limit(self, account: InstagramAccount) -> int:
        """Return the ceiling that is in force."""
        return quota.limit_of(account)


class DisconnectedSerializer(serializers.Serializer):
    """What a disconnect did."""

    account = AccountSerializer()
    held = serializers.IntegerField(help_text="Scheduled posts that are on hold until it is connected again.")


class Accounts(ApiView):
    """The person's accounts."""

    about, queries = "accounts", {"GET": PageQuery}
    pagination_class = Pages

    @extend_schema(operation_id="list_accounts", responses=AccountSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the accounts."""
        return paged(self, InstagramAccount.objects.for_user(self.person), AccountSerializer)


class Account(ApiView):
    """One account."""

    about = "accounts"

    @extend_schema(operation_id="get_account", responses=AccountSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Return one account."""
        return Response(AccountSerializer(self.found(InstagramAccount.objects.for_user(self.person), pk)).data)


class Disconnect(ApiView):
    """The end of a connection."""

    about = "accounts"

    @extend_schema(operation_id="disconnect_account", request=None, responses=DisconnectedSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Forget the account's token and hold what is planned; what is live stays live."""
        account = self.found(InstagramAccount.objects.for_user(self.person), pk)
        held = accounts.disconnect(account, self.person, clock.now())
        return Response(DisconnectedSerializer({"account": account, "held": held}).data)
