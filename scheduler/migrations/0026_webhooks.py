"""Where a person is told what happens, and what is on its way there."""

import django.db.models.deletion
import scheduler.models.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scheduler", "0025_changes_applied"),
    ]

    operations = [
        migrations.CreateModel(
            name="Webhook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("url", models.CharField(max_length=2000)),
                ("description", models.CharField(blank=True, default="", max_length=120)),
                ("events", models.JSONField(default=list)),
                ("secret", scheduler.models.fields.SealedField()),
                ("previous_secret", scheduler.models.fields.SealedField()),
                ("previous_until", models.DateTimeField(editable=False, null=True)),
                (
                    "off_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", ""),
                            ("person", "You switched it off."),
                            ("gone", "Its receiver answered 410, which means that nothing more is wanted."),
                            ("failing", "Its receiver took nothing for three days."),
                        ],
                        default="",
                        max_length=8,
                    ),
                ),
                ("failures", models.PositiveIntegerField(default=0, editable=False)),
                ("failing_since", models.DateTimeField(editable=False, null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="webhooks",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.CharField(choices=[("webhook", "webhook")], max_length=8)),
                ("event", models.CharField(max_length=40)),
                ("event_id", models.CharField(max_length=40)),
                ("body", models.TextField()),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("delivered", "Delivered"), ("given_up", "Given up")],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                ("due_at", models.DateTimeField(null=True)),
                ("claimed_by", models.CharField(blank=True, default="", max_length=80)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("tried_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("error", models.CharField(blank=True, default="", max_length=40)),
                ("answer_code", models.PositiveSmallIntegerField(null=True)),
                ("answer", models.TextField(blank=True, default="")),
                ("duration_ms", models.PositiveIntegerField(null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "webhook",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="scheduler.webhook",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="delivery_due"
                    ),
                    models.Index(fields=["webhook", "created_at"], name="delivery_log"),
                    models.Index(fields=["created_at"], name="delivery_age"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("webhook", "event_id"), name="event_told_once_per_webhook"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("channel", "webhook"), _negated=True),
                            ("webhook__isnull", False),
                            _connector="OR",
                        ),
                        name="webhook_delivery_has_its_webhook",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("due_at__isnull", False), ("state", "waiting")),
                            models.Q(models.Q(("state", "waiting"), _negated=True), ("due_at", None)),
                            _connector="OR",
                        ),
                        name="waiting_delivery_is_due_sometime",
                    ),
                ],
            },
        ),
    ]
