from django.urls import path

from commonground.apps.measures import state_file_views, views

app_name = "measures"

urlpatterns = [
    path("", views.districts, name="districts"),
    path("letters/", views.letters, name="letters"),
    path("exemptions/", views.exemptions, name="exemptions"),
    path("composition/", views.composition, name="composition"),
    path("composition/file/", views.composition_file, name="composition-file"),
    path("mixing/", views.mixing, name="mixing"),
    path("state-file/", state_file_views.state_file, name="state-file"),
    path("from/<uuid:pk>/", views.source, name="source"),
]
