"""Addresses of the collaborative: its beginning and its members."""

from django.urls import path

from commonground.apps.governance import views

app_name = "governance"

urlpatterns = [
    path("", views.begin, name="begin"),
    path("name/", views.name, name="name"),
    path("members/", views.members, name="members"),
    path("members/<uuid:pk>/end/", views.end_membership, name="end-membership"),
    path("mail/", views.mail, name="mail"),
    path("owners/", views.owners, name="owners"),
]
