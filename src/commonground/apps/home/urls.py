"""Addresses of *Today* and of the pages that gather what several apps know."""

from django.urls import path

from commonground.apps.home import views

app_name = "home"

urlpatterns = [
    path("", views.today, name="today"),
]
