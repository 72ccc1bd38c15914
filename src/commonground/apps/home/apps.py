from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "commonground.apps.home"
    label = "home"
