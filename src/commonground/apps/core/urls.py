"""Addresses about the account that are our own."""

from django.urls import path

from commonground.apps.core import views

app_name = "core"

urlpatterns = [
    path("demonstration/", views.demonstration, name="demonstration"),
    path("link/<str:token>/", views.open_link, name="open-link"),
    path("link/", views.use_way_in, name="way-in"),
]
