"""Addresses of programs."""

from django.urls import path

from commonground.apps.programs.views import attending, offerings, papers, registering

app_name = "programs"

urlpatterns = [
    path("", offerings.offerings, name="offerings"),
    path("new/<str:kind>/", offerings.plan, name="plan"),
    path("<uuid:pk>/", offerings.offering, name="offering"),
    path("<uuid:pk>/edit/", offerings.edit, name="edit"),
    path("<uuid:pk>/days/", offerings.days, name="days"),
    path("<uuid:pk>/buses/", offerings.add_ride, name="add-ride"),
    path("days/<uuid:pk>/", offerings.change_day, name="change-day"),
    path("sessions/<uuid:pk>/drop/", offerings.drop_session, name="drop-session"),
    path("<uuid:pk>/staff/", offerings.staff, name="staff"),
    path("staff/<uuid:pk>/drop/", offerings.drop_teacher, name="drop-teacher"),
    path("<uuid:pk>/register/", registering.register, name="register"),
    path("<uuid:pk>/registrations/", registering.registrations, name="registrations"),
    path("registrations/<uuid:pk>/care/", registering.care, name="care"),
    path("registrations/<uuid:pk>/meals/", registering.meals, name="meals"),
    path("registrations/<uuid:pk>/give-back/", registering.give_back, name="give-back"),
    path("<uuid:pk>/attendance/", attending.attendance, name="attendance"),
    path("<uuid:pk>/attendance/mark/", attending.mark, name="mark"),
    path("<uuid:pk>/counts/", papers.count, name="counts"),
    path("<uuid:pk>/paper/", papers.papers, name="paper"),
    path("<uuid:pk>/paper/<str:sheet>/", papers.paper, name="sheet"),
]
