from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "commonground.apps.intake"
    label = "intake"
