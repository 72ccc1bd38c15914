from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "commonground.apps.governance"
    label = "governance"
