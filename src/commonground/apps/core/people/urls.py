"""Addresses of colleagues, their roles, mail, their own sign-in, and the door that a printed code opens."""

from django.urls import path

from commonground.apps.core.openid import owner_views
from commonground.apps.core.people import emergencies, views

app_name = "people"

urlpatterns = [
    path("", views.people, name="people"),
    path("add/", views.add_person, name="add"),
    path("roles/", views.roles, name="roles"),
    path("mail/", views.mail, name="mail"),
    path("mail/test/", views.test_mail, name="test-mail"),
    path("sign-in/", owner_views.providers, name="providers"),
    path("sign-in/add/", owner_views.add_provider, name="add-provider"),
    path("sign-in/<uuid:pk>/", owner_views.provider, name="provider"),
    path("sign-in/<uuid:pk>/try/", owner_views.try_it, name="try-provider"),
    path("sign-in/<uuid:pk>/remove/", owner_views.remove_provider, name="remove-provider"),
    path("emergencies/", emergencies.emergencies, name="emergencies"),
    path("emergencies/<uuid:pk>/approve/", emergencies.approve, name="approve-emergency"),
    path("emergencies/<uuid:pk>/close/", emergencies.close, name="close-emergency"),
    path("code/", views.come_in, name="come-in"),
    path("<uuid:pk>/", views.role, name="role"),
    path("<uuid:pk>/end/", views.end_role, name="end-role"),
    path("<uuid:pk>/reopen/", views.reopen_role, name="reopen-role"),
    path("<uuid:pk>/invite/", views.invite_again, name="invite-again"),
]
