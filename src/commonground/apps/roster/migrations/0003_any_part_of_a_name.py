from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0006_identity_providers"), ("roster", "0002_fewer_indexes")]

    operations = [
        migrations.AddIndex(
            model_name="student",
            index=GinIndex(
                models.Func(
                    models.Func(models.F("name_key"), models.Value(" "), function="string_to_array"),
                    function="array_to_tsvector",
                ),
                name="student_by_any_name",
            ),
        ),
    ]
