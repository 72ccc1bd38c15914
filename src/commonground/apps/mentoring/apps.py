from django.apps import AppConfig


class MentoringConfig(AppConfig):
    name = "commonground.apps.mentoring"
    label = "mentoring"
