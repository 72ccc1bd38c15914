"""Addresses of the web layer, included at the root of the site."""

from django.urls import path

from commonground.web import views

app_name = "web"

urlpatterns = [
    path("language/", views.choose_language, name="choose-language"),
    path("theme/", views.choose_theme, name="choose-theme"),
    path("design/", views.design, name="design"),
]
