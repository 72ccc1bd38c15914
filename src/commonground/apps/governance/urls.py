"""Addresses of the collaborative: its beginning and its members."""

from django.urls import path

from commonground.apps.governance import agreement_views, views

app_name = "governance"

urlpatterns = [
    path("", views.begin, name="begin"),
    path("name/", views.name, name="name"),
    path("members/", views.members, name="members"),
    path("members/<uuid:pk>/end/", views.end_membership, name="end-membership"),
    path("mail/", views.mail, name="mail"),
    path("owners/", views.owners, name="owners"),
    path("agreements/write/", agreement_views.write, name="write-agreement"),
    path("agreements/<uuid:pk>/", agreement_views.agreement, name="agreement"),
    path("agreements/<uuid:pk>/sign/", agreement_views.sign, name="sign-agreement"),
    path("agreements/<uuid:pk>/end/", agreement_views.end, name="end-agreement"),
    path("agreements/<uuid:pk>/paper/", agreement_views.paper, name="paper"),
    path("agreements/<uuid:pk>/paper/keep/", agreement_views.keep_paper, name="keep-paper"),
]
