"""Addresses about the account that are our own."""

from django.urls import path

from commonground.apps.core import views
from commonground.apps.core.openid import views as openid

app_name = "core"

urlpatterns = [
    path("demonstration/", views.demonstration, name="demonstration"),
    path("link/<str:token>/", views.open_link, name="open-link"),
    path("link/", views.use_way_in, name="way-in"),
    path("with/<uuid:pk>/", openid.sign_in_with, name="sign-in-with"),
    path("from/<uuid:pk>/", openid.sign_in_from, name="sign-in-from"),
    path("connect/<uuid:pk>/", openid.connect, name="connect-provider"),
    path("disconnect/<uuid:pk>/", openid.disconnect, name="disconnect-provider"),
]
