"""Addresses of caseloads: the district's, and the own one with its notes."""

from django.urls import path

from commonground.apps.mentoring import views

app_name = "mentoring"

urlpatterns = [
    path("", views.caseloads, name="caseloads"),
    path("students/<uuid:pk>/", views.beside, name="beside"),
    path("<uuid:pk>/end/", views.end, name="end"),
    path("own/", views.caseload, name="caseload"),
    path("own/<uuid:pk>/", views.notes, name="notes"),
    path("notes/<uuid:pk>/", views.note, name="note"),
    path("notes/<uuid:pk>/strike/", views.strike_note, name="strike-note"),
]
