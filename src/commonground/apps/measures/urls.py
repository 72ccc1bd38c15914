from django.urls import path

from commonground.apps.measures import views

app_name = "measures"

urlpatterns = [
    path("", views.districts, name="districts"),
    path("letters/", views.letters, name="letters"),
    path("exemptions/", views.exemptions, name="exemptions"),
    path("from/<uuid:pk>/", views.source, name="source"),
]
