from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0004_leaving_retention"),
    ]

    operations = [
        migrations.AddField(
            model_name="leaving",
            name="export_number",
            field=models.CharField(db_default="", default="", max_length=8),
        ),
    ]
