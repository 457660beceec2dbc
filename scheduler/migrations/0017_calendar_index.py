"""The calendar finds a person's posts of a month by their time, whatever the table's size."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scheduler", "0016_results")]

    operations = [
        migrations.AddIndex(
            model_name="scheduledpost",
            index=models.Index(
                condition=models.Q(("deleted_at", None)), fields=["user", "scheduled_for"], name="post_calendar"
            ),
        ),
    ]
