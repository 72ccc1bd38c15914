from django.urls import path

from commonground.apps.intake import views

app_name = "intake"

urlpatterns = [
    path("", views.batches, name="batches"),
    path("send/", views.send, name="send"),
    path("<uuid:pk>/", views.batch, name="batch"),
    path("<uuid:pk>/held/", views.held, name="held"),
    path("<uuid:pk>/check/", views.check, name="check"),
    path("<uuid:pk>/apply/", views.apply, name="apply"),
    path("<uuid:pk>/undo/", views.undo, name="undo"),
    path("<uuid:pk>/set-aside/", views.discard, name="discard"),
    path("<uuid:pk>/decide/", views.decide, name="decide"),
]
