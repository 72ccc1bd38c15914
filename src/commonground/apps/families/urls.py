"""Addresses of families: coming in, corrections, and the district's side of both."""

from django.urls import path

from commonground.apps.families import views

app_name = "families"

urlpatterns = [
    path("", views.families, name="families"),
    path("<uuid:pk>/sheet/", views.print_sheet, name="print-sheet"),
    path("come-in/", views.come_in, name="open"),
    path("corrections/", views.corrections, name="corrections"),
    path("asked/", views.asked, name="asked"),
    path("asked/<uuid:pk>/", views.answer, name="answer"),
]
