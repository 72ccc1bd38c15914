"""Addresses of the smallest site."""

from django.urls import include, path

urlpatterns = [path("", include("commonground.web.urls"))]

handler400 = "commonground.web.errors.bad_request"
handler403 = "commonground.web.errors.denied"
handler404 = "commonground.web.errors.not_found"
handler500 = "commonground.web.errors.broken"
