"""Addresses of coaching: the district's or collaborative's page, and the own one of a coach or teacher."""

from django.urls import path

from commonground.apps.coaching import views

app_name = "coaching"

urlpatterns = [
    path("", views.coaches, name="coaches"),
    path("<uuid:pk>/end/", views.end, name="end"),
    path("own/", views.own, name="own"),
    path("own/<uuid:pk>/", views.together, name="together"),
    path("own/<uuid:pk>/goal/", views.goal, name="goal"),
    path("goals/<uuid:pk>/", views.cycle, name="cycle"),
    path("entries/<uuid:pk>/", views.entry, name="entry"),
    path("entries/<uuid:pk>/strike/", views.strike, name="strike"),
]
