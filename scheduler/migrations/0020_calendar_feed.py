"""The secret address under which a calendar program reads a person's plan."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import scheduler.models.fields


class Migration(migrations.Migration):
    dependencies = [("scheduler", "0019_pausing")]

    operations = [
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("secret", scheduler.models.fields.SealedField()),
                ("language", models.CharField(blank=True, default="", max_length=12)),
                ("made_at", models.DateTimeField()),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calendar_feed",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
