"""Addresses of *Today* and of the pages that gather what several apps know."""

from django.urls import path

from commonground.apps.home import views

app_name = "home"

urlpatterns = [
    path("", views.today, name="today"),
    path("agreements/", views.agreements, name="agreements"),
    path("who-looked/", views.who_looked, name="who-looked"),
    path("who-looked/file/", views.who_looked_file, name="who-looked-file"),
    path("students/", views.students, name="students"),
    path("students/<uuid:pk>/", views.student, name="student"),
]
