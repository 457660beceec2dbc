"""What was done to posts in one go can be taken back for ten minutes."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ACTS = [
    ("moved", "Moved"),
    ("unscheduled", "Back to drafts"),
    ("cancelled", "Cancelled"),
    ("duplicated", "Duplicated"),
    ("deleted", "Deleted"),
]


class Migration(migrations.Migration):
    dependencies = [("scheduler", "0017_calendar_index")]

    operations = [
        migrations.AlterField(
            model_name="postchange",
            name="act",
            field=models.CharField(
                choices=[
                    ("created", "Created"),
                    ("edited", "Changed"),
                    ("discarded", "Changes discarded"),
                    ("scheduled", "Scheduled"),
                    ("moved", "Moved"),
                    ("unscheduled", "Back to drafts"),
                    ("cancelled", "Cancelled"),
                    ("publish_now", "Publish now"),
                    ("retry", "Tried again"),
                    ("released", "Released"),
                    ("held", "Put on hold"),
                    ("there", "Confirmed as published"),
                    ("not_there", "Confirmed as not published"),
                    ("duplicated", "Duplicated"),
                    ("deleted", "Deleted"),
                    ("restored", "Brought back"),
                ],
                max_length=12,
            ),
        ),
        migrations.CreateModel(
            name="Undo",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("act", models.CharField(choices=ACTS, max_length=12)),
                ("before", models.JSONField(default=list)),
                ("at", models.DateTimeField(db_index=True)),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="undos",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"ordering": ["-pk"]},
        ),
    ]
