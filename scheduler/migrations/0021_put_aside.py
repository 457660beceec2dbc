"""What was sent before a person changed a post is read before anything new goes out."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scheduler", "0020_calendar_feed")]

    operations = [
        migrations.AddField(
            model_name="scheduledpost",
            name="called_containers",
            field=models.JSONField(blank=True, default=list, editable=False),
        ),
    ]
