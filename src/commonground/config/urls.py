"""Every address of the site."""

from django.urls import include, path

from commonground.apps.core.views import choose_language

urlpatterns = [
    path("", include("commonground.apps.home.urls")),
    # Core's own stands before the web layer's, which knows cookies but neither people nor the ledger.
    path("language/", choose_language, name="choose-language"),
    path("", include("commonground.web.urls")),
    path("data/", include("commonground.apps.intake.urls")),
    path("districts/", include("commonground.apps.measures.urls")),
    path("collaborative/", include("commonground.apps.governance.urls")),
    path("families/", include("commonground.apps.families.urls")),
    path("people/", include("commonground.apps.core.people.urls")),
    path("programs/", include("commonground.apps.programs.urls")),
    path("caseloads/", include("commonground.apps.mentoring.urls")),
    path("coaching/", include("commonground.apps.coaching.urls")),
    path("account/", include("commonground.apps.core.urls")),
    path("account/", include("commonground.apps.core.sign_in_urls")),
]

handler400 = "commonground.web.errors.bad_request"
handler403 = "commonground.web.errors.denied"
handler404 = "commonground.web.errors.not_found"
handler500 = "commonground.web.errors.broken"
