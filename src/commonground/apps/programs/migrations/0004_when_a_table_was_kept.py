from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):
    dependencies = [("programs", "0003_group_counts")]

    operations = [
        migrations.AddField(
            model_name="groupcount",
            name="kept_at",
            field=models.DateTimeField(default=timezone.now),
            preserve_default=False,
        ),
    ]
