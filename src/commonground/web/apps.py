"""The app that carries templates, tags and static files."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Base pages, components, charts and languages."""

    name = "commonground.web"
    label = "web"
