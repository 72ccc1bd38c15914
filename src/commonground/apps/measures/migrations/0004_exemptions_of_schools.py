from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("measures", "0003_letter_statuses")]

    operations = [
        migrations.AddField(model_name="exemption", name="school", field=models.TextField(blank=True, default="")),
    ]
