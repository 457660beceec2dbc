"""Webhooks: where a person's programs are told what happens, and what became of each telling."""

import json
from typing import Any

from django.db import transaction
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from scheduler.api.base import ApiView, Instant, PageQuery, Pages, Said, paged
from scheduler.api.problems import ALL, FieldsRefused, fields_of_form
from scheduler.forms.webhooks import WebhookForm, WebhookStateForm, refusal_of_one_more
from scheduler.lib import clock
from scheduler.models import Delivery, Webhook
from scheduler.models.webhook import MOST_PER_PERSON, Event
from scheduler.services import events, webhook_words, webhooks

SHOP = OpenApiExample(
    "A shop's program",
    {"url": "https://example.com/pauta", "description": "The shop", "events": ["post.published", "post.failed"]},
    request_only=True,
)


class WebhookSerializer(serializers.Serializer):
    """An address that is told of events; without its secret."""

    id = serializers.IntegerField()
    url = serializers.CharField()
    description = serializers.CharField()
    events = serializers.ListField(child=serializers.ChoiceField(choices=Event.choices))
    is_on = serializers.BooleanField()
    off_reason = serializers.ChoiceField(choices=Webhook.Off.choices, allow_blank=True)
    failures = serializers.IntegerField(help_text="Tries in a row that came to nothing.")
    failing_since = Instant(allow_null=True)
    previous_until = Instant(allow_null=True, help_text="Until when the secret before this one signs along.")
    created_at = Instant()


class MadeWebhookSerializer(WebhookSerializer):
    """A webhook with a new secret, which is told this once."""

    secret = serializers.CharField(
        allow_null=True, help_text="Told once: null when the same call comes again with its Idempotency-Key."
    )


class WebhookInput(Said):
    """What may be said of a webhook."""

    answer = WebhookSerializer

    url = serializers.CharField(max_length=2000, help_text="https, reachable from the internet.")
    description = serializers.CharField(required=False, allow_blank=True, max_length=120)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=Event.choices), allow_empty=False, max_length=len(Event)
    )


class WebhookChange(WebhookInput):
    """The same of one that exists: what is left out stays as it is."""

    url = serializers.CharField(required=False, max_length=2000, help_text="https, reachable from the internet.")
    events = serializers.ListField(
        required=False,
        child=serializers.ChoiceField(choices=Event.choices),
        allow_empty=False,
        max_length=len(Event),
    )
    is_on = serializers.BooleanField(required=False)


class DeliverySerializer(serializers.Serializer):
    """One event on its way to one address, or what became of it."""

    id = serializers.IntegerField(help_text="The header Pauta-Delivery.")
    event = serializers.CharField()
    event_id = serializers.CharField()
    body = serializers.SerializerMethodField(help_text="What is sent.")
    state = serializers.ChoiceField(choices=Delivery.State.choices)
    attempts = serializers.IntegerField()
    due_at = Instant(allow_null=True, help_text="When it is tried next; null once it ended.")
    tried_at = Instant(allow_null=True)
    ended_at = Instant(allow_null=True)
    error = serializers.CharField(help_text="What went wrong at the last try: a stable name.")
    error_message = serializers.SerializerMethodField(help_text="The same as a sentence.")
    answer_code = serializers.IntegerField(allow_null=True)
    answer = serializers.CharField(help_text="The answer's first words.")
    duration_ms = serializers.IntegerField(allow_null=True)
    created_at = Instant()

    def get_body(self, delivery: Delivery) -> dict[str, Any]:
        """Return the event."""
        return json.loads(delivery.body)

    def get_error_message(self, delivery: Delivery) -> str:
        """Return the sentence that the page shows."""
        return webhook_words.why(delivery)


class _WebhookView(ApiView):
    about = "webhooks"

    def webhook(self, pk: int) -> Webhook:
        """Return the person's webhook."""
        return self.found(Webhook.objects.for_user(self.person), pk)

    def delivery(self, pk: int, number: int) -> Delivery:
        """Return a line of its log."""
        return self.found(self.webhook(pk).deliveries.all(), number)

    def told_once(self, webhook: Webhook, secret: str, status: int) -> Response:
        """Return a webhook with its new secret; what is kept for the call's key holds none."""
        answer = Response(MadeWebhookSerializer(_with(webhook, None)).data, status=status)
        self.keep(answer)
        answer.data["secret"] = secret
        return answer


def _with(webhook: Webhook, secret: str | None) -> dict[str, Any]:
    return {name: getattr(webhook, name) for name in WebhookSerializer().fields} | {"secret": secret}


def _require_good(form: WebhookForm) -> None:
    if not form.is_valid():
        raise FieldsRefused(fields_of_form(form.errors))


class Webhooks(_WebhookView):
    """The person's webhooks."""

    queries = {"GET": PageQuery}
    pagination_class = Pages

    @extend_schema(operation_id="list_webhooks", responses=WebhookSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the webhooks."""
        return paged(self, Webhook.objects.for_user(self.person), WebhookSerializer)

    @extend_schema(
        operation_id="create_webhook", request=WebhookInput, responses={201: MadeWebhookSerializer}, examples=[SHOP]
    )
    def post(self, request: Request) -> Response:
        """Tell an address of events from now on. The answer holds the secret that signs them, this once."""
        form = WebhookForm(self.sent(WebhookInput))
        refusal = refusal_of_one_more(Webhook.objects.for_user(self.person).count(), MOST_PER_PERSON)
        if refusal:
            raise FieldsRefused({ALL: [{"code": "TOO_MANY", "message": refusal}]})
        _require_good(form)
        webhook = form.save(commit=False)
        with transaction.atomic():
            return self.told_once(webhook, webhooks.add(webhook, self.person, clock.now()), 201)


class OneWebhook(_WebhookView):
    """One webhook."""

    @extend_schema(operation_id="get_webhook", responses=WebhookSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Return one webhook; its secret is told when it is made, and never again."""
        return Response(WebhookSerializer(self.webhook(pk)).data)

    @extend_schema(operation_id="change_webhook", request=WebhookChange, responses=WebhookSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is named; `is_on` switches it off and on."""
        webhook, said = self.webhook(pk), self.sent(WebhookChange)
        kept = {name: getattr(webhook, name) for name in ("url", "description", "events", "is_on")}
        form = WebhookStateForm(kept | said, instance=webhook)
        _require_good(form)
        webhooks.change(form.save(commit=False), clock.now(), is_on=form.cleaned_data["is_on"])
        return Response(WebhookSerializer(self.webhook(pk)).data)

    @extend_schema(operation_id="delete_webhook", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Delete it with its log; what waits is not sent any more."""
        webhooks.delete(self.webhook(pk), clock.now())
        return Response(status=204)


class Secret(_WebhookView):
    """Another secret."""

    @extend_schema(operation_id="renew_webhook_secret", request=None, responses=MadeWebhookSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Make a new secret, which is told this once; the old one signs along for 24 hours."""
        webhook = self.webhook(pk)
        with transaction.atomic():
            return self.told_once(webhook, webhook.renew_secret(clock.now()), 200)


class Test(_WebhookView):
    """A try."""

    @extend_schema(operation_id="test_webhook", request=None, responses={201: DeliverySerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Send an event that says nothing but that it arrives; look at its delivery for the answer."""
        return Response(DeliverySerializer(events.send_test(self.webhook(pk), clock.now())).data, status=201)


class Deliveries(_WebhookView):
    """The log."""

    queries = {"GET": PageQuery}
    pagination_class = Pages

    @extend_schema(operation_id="list_deliveries", responses=DeliverySerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """List what was told and is to be told, the newest first; kept for 30 days."""
        return paged(self, self.webhook(pk).deliveries.all(), DeliverySerializer)


class OneDelivery(_WebhookView):
    """One line of the log."""

    @extend_schema(operation_id="get_delivery", responses=DeliverySerializer)
    def get(self, request: Request, pk: int, number: int) -> Response:
        """Return one delivery."""
        return Response(DeliverySerializer(self.delivery(pk, number)).data)


class SendAgain(_WebhookView):
    """Once more."""

    @extend_schema(operation_id="send_delivery_again", request=None, responses=DeliverySerializer)
    def post(self, request: Request, pk: int, number: int) -> Response:
        """Send a delivery again as it was, with the same ids."""
        webhooks.send_again(self.delivery(pk, number), self.webhook(pk), clock.now())
        return Response(DeliverySerializer(self.delivery(pk, number)).data)
