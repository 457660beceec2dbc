"""Requests to delete what came from Instagram, each done once."""

from django.db import migrations, models

import scheduler.models.deletion_request


class Migration(migrations.Migration):
    dependencies = [("scheduler", "0032_token_keeper")]

    operations = [
        migrations.CreateModel(
            name="DeletionRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        default=scheduler.models.deletion_request._new_code,
                        editable=False,
                        max_length=20,
                        unique=True,
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("asked_at", models.DateTimeField()),
                ("accounts", models.PositiveIntegerField(default=0)),
            ],
        ),
    ]
