"""Addresses of colleagues, their roles, mail, and the door that a printed code opens."""

from django.urls import path

from commonground.apps.core.people import emergencies, views

app_name = "people"

urlpatterns = [
    path("", views.people, name="people"),
    path("add/", views.add_person, name="add"),
    path("roles/", views.roles, name="roles"),
    path("mail/", views.mail, name="mail"),
    path("mail/test/", views.test_mail, name="test-mail"),
    path("emergencies/", emergencies.emergencies, name="emergencies"),
    path("emergencies/<uuid:pk>/approve/", emergencies.approve, name="approve-emergency"),
    path("emergencies/<uuid:pk>/close/", emergencies.close, name="close-emergency"),
    path("code/", views.come_in, name="come-in"),
    path("<uuid:pk>/", views.role, name="role"),
    path("<uuid:pk>/end/", views.end_role, name="end-role"),
    path("<uuid:pk>/reopen/", views.reopen_role, name="reopen-role"),
    path("<uuid:pk>/invite/", views.invite_again, name="invite-again"),
]
