"""Meta tells of comments below the posts of an account, once it was asked to."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scheduler", "0033_deletion_request")]

    operations = [
        migrations.AddField(
            model_name="instagramaccount",
            name="hears_comments_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
