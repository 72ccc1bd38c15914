import django.db.models.deletion
from django.db import migrations, models

# The key within one owner is named after its table, and is made anew with the walls.
DROP_OLD_KEY = "alter table programs_groupcount drop constraint if exists programs_mealscount_offering_id_within_owner;"


class Migration(migrations.Migration):
    dependencies = [("programs", "0002_meals")]

    operations = [
        migrations.RemoveConstraint(model_name="mealscount", name="meals_count_once"),
        migrations.RenameModel(old_name="MealsCount", new_name="GroupCount"),
        migrations.RunSQL(DROP_OLD_KEY, migrations.RunSQL.noop),
        migrations.RenameField(model_name="groupcount", old_name="answer", new_name="group_key"),
        migrations.RenameField(model_name="groupcount", old_name="student_count", new_name="child_count"),
        migrations.RenameField(model_name="groupcount", old_name="counted_on", new_name="counted_at"),
        migrations.AlterField(model_name="groupcount", name="counted_at", field=models.DateTimeField()),
        migrations.AddField(
            model_name="groupcount",
            name="counted_by",
            field=models.CharField(choices=[("race", "Race"), ("meals", "Meals")], default="meals", max_length=10),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="groupcount",
            name="offering",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="group_counts",
                to="programs.offering",
            ),
        ),
        migrations.AddConstraint(
            model_name="groupcount",
            constraint=models.UniqueConstraint(
                models.F("owner"),
                models.F("offering"),
                models.F("counted_by"),
                models.F("district"),
                models.F("group_key"),
                name="group_count_once",
                nulls_distinct=False,
            ),
        ),
    ]
