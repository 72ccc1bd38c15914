from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    name = "commonground.apps.measures"
    label = "measures"
