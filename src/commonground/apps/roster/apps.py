from django.apps import AppConfig


class RosterConfig(AppConfig):
    name = "commonground.apps.roster"
    label = "roster"
