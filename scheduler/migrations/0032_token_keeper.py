"""The connections of accounts are looked after once a day."""

from django.db import migrations, models
from django.utils import timezone


def look_soon(apps, schema_editor):
    """Let the accounts that are connected already be looked after, too."""
    accounts = apps.get_model("scheduler", "InstagramAccount").objects.using(schema_editor.connection.alias)
    accounts.filter(status="connected").update(keep_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("scheduler", "0031_upload_problem_code")]

    operations = [
        migrations.AddField(
            model_name="instagramaccount",
            name="keep_at",
            field=models.DateTimeField(db_index=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="instagramaccount",
            name="keep_failures",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="instagramaccount",
            name="renewal_error",
            field=models.CharField(blank=True, default="", editable=False, max_length=40),
        ),
        migrations.AddField(
            model_name="instagramaccount",
            name="warning_hidden_until",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.RunPython(look_soon, migrations.RunPython.noop),
    ]
