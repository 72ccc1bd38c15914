import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial"), ("roster", "0001_initial")]

    operations = [
        migrations.RemoveIndex(model_name="student", name="student_by_name_anywhere"),
        migrations.AlterField(
            model_name="schoolenrollment",
            name="school",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="core.organization",
            ),
        ),
    ]
