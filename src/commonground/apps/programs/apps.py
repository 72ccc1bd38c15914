from django.apps import AppConfig


class ProgramsConfig(AppConfig):
    name = "commonground.apps.programs"
    label = "programs"
