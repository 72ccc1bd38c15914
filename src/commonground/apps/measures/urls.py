from django.urls import path

from commonground.apps.measures import views

app_name = "measures"

urlpatterns = [
    path("", views.districts, name="districts"),
    path("letters/", views.letters, name="letters"),
]
