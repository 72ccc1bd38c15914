from django.apps import AppConfig


class FamiliesConfig(AppConfig):
    name = "commonground.apps.families"
    label = "families"
