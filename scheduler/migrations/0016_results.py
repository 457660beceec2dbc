"""How posts did is read once a day for each connected account."""

from django.db import migrations, models
from django.utils import timezone


def read_soon(apps, schema_editor):
    """Let the accounts that are connected already be read, too."""
    accounts = apps.get_model("scheduler", "InstagramAccount").objects.using(schema_editor.connection.alias)
    accounts.filter(status="connected").update(results_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("scheduler", "0015_sweeping")]

    operations = [
        migrations.AddField(
            model_name="instagramaccount",
            name="results_at",
            field=models.DateTimeField(db_index=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="scheduledpost",
            name="reactions",
            field=models.PositiveIntegerField(editable=False, null=True),
        ),
        migrations.RunPython(read_soon, migrations.RunPython.noop),
    ]
