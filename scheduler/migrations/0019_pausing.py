"""An account, or everything a person plans, can be paused."""

from django.db import migrations, models

HOLD_REASONS = [
    ("", ""),
    ("missed", "The time passed while our publishing was stopped."),
    ("reconnect", "The account needs to be reconnected."),
    ("permission", "The account's permission to publish is missing."),
    ("disconnected", "The account is disconnected."),
    ("restricted", "Instagram limited the account."),
    ("account_type", "The account is no longer a professional account."),
    ("paused", "Publishing is paused."),
    ("passed", "The time passed while publishing was paused."),
]


class Migration(migrations.Migration):
    dependencies = [("scheduler", "0018_undo")]

    operations = [
        migrations.AddField("instagramaccount", "paused_at", models.DateTimeField(editable=False, null=True)),
        migrations.AddField("user", "paused_at", models.DateTimeField(editable=False, null=True)),
        migrations.AlterField(
            "scheduledpost",
            "hold_reason",
            models.CharField(blank=True, choices=HOLD_REASONS, default="", max_length=15),
        ),
    ]
