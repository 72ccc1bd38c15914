"""Every address of the site."""

from django.urls import include, path

urlpatterns = [
    path("", include("commonground.apps.home.urls")),
    path("", include("commonground.web.urls")),
    path("students/", include("commonground.apps.roster.urls")),
    path("data/", include("commonground.apps.intake.urls")),
    path("account/", include("commonground.apps.core.urls")),
]

handler400 = "commonground.web.errors.bad_request"
handler403 = "commonground.web.errors.denied"
handler404 = "commonground.web.errors.not_found"
handler500 = "commonground.web.errors.broken"
