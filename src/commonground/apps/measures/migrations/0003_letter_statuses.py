from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("measures", "0002_counts")]

    operations = [
        migrations.AlterField(
            model_name="letter",
            name="decision",
            field=models.CharField(
                choices=[
                    ("isolated", "RI: racially isolated"),
                    ("isolated_adjoining", "RI, A: isolated and adjoining an isolated one"),
                    ("adjoining", "A: adjoining an isolated one"),
                    ("voluntary", "V: voluntary"),
                    ("none", "None of these"),
                ],
                max_length=20,
            ),
        ),
    ]
