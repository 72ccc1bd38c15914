from django.apps import AppConfig


class CoachingConfig(AppConfig):
    name = "commonground.apps.coaching"
    label = "coaching"
