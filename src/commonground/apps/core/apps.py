from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "commonground.apps.core"
    label = "core"
