"""What was drawn for a post is looked at again some time, and goes when none shows it."""

from django.db import migrations, models
from django.utils import timezone

BELONGS_TO_THE_ASSET = ["", "faststart", "h264", "10"]


def look_at_what_was_drawn(apps, schema_editor):
    """Let what was drawn before this be looked at, too."""
    renditions = apps.get_model("scheduler", "Rendition").objects.using(schema_editor.connection.alias)
    renditions.exclude(recipe__in=BELONGS_TO_THE_ASSET).update(look_again_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("scheduler", "0014_strip")]

    operations = [
        migrations.AddField(
            model_name="rendition",
            name="look_again_at",
            field=models.DateTimeField(db_index=True, editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="mediaasset",
            index=models.Index(
                condition=models.Q(deleted_at__isnull=False), fields=["deleted_at"], name="media_deleted"
            ),
        ),
        migrations.RunPython(look_at_what_was_drawn, migrations.RunPython.noop),
    ]
