from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "commonground.apps.core"
    label = "core"

    def ready(self) -> None:
        """Listen to what django-allauth reports."""
        from commonground.apps.core import accounts  # noqa: F401
