import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("programs", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MealsAnswer",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "answer",
                    models.CharField(
                        choices=[
                            ("meals_yes", "Yes"),
                            ("meals_no", "No"),
                            ("meals_unsaid", "I prefer not to say"),
                        ],
                        max_length=20,
                    ),
                ),
                ("written_at", models.DateTimeField()),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.organization",
                    ),
                ),
                (
                    "registration",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meals_answers",
                        to="programs.registration",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MealsCount",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("answer", models.CharField(max_length=20)),
                ("student_count", models.PositiveIntegerField(null=True)),
                ("counted_on", models.DateField()),
                (
                    "district",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.organization",
                    ),
                ),
                (
                    "offering",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meals_counts",
                        to="programs.offering",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.organization",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="mealsanswer",
            constraint=models.UniqueConstraint(models.F("owner"), models.F("registration"), name="meals_answer_once"),
        ),
        migrations.AddConstraint(
            model_name="mealsanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(("answer__in", ["meals_yes", "meals_no", "meals_unsaid"])),
                name="meals_answer_is_one_of_them",
            ),
        ),
        migrations.AddConstraint(
            model_name="mealscount",
            constraint=models.UniqueConstraint(
                models.F("owner"),
                models.F("offering"),
                models.F("district"),
                models.F("answer"),
                name="meals_count_once",
                nulls_distinct=False,
            ),
        ),
    ]
