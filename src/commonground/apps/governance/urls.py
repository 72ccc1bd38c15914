"""Addresses of the collaborative: its beginning and its members."""

from django.urls import path

from commonground.apps.governance import agreement_views, views
from commonground.apps.governance.breach import views as breach
from commonground.apps.governance.leaving import views as leaving
from commonground.apps.governance.notices import views as notices
from commonground.apps.governance.retention import views as retention

app_name = "governance"

urlpatterns = [
    path("", views.begin, name="begin"),
    path("name/", views.name, name="name"),
    path("members/", views.members, name="members"),
    path("members/<uuid:pk>/end/", views.end_membership, name="end-membership"),
    path("mail/", views.mail, name="mail"),
    path("owners/", views.owners, name="owners"),
    path("notices/", notices.notices, name="notices"),
    path("notices/<uuid:pk>/<int:ends_in>/", notices.notice, name="notice"),
    path("notices/<uuid:pk>/<int:ends_in>/given/", notices.give, name="give-notice"),
    path("incidents/", breach.incidents, name="incidents"),
    path("incidents/file/", breach.file, name="file-incident"),
    path("incidents/packets/<uuid:pk>/", breach.packet, name="packet"),
    path("incidents/packets/<uuid:pk>/letters/", breach.letters, name="letters"),
    path("incidents/packets/<uuid:pk>/list/", breach.packet_file, name="packet-file"),
    path("incidents/packets/<uuid:pk>/told/", breach.told, name="packet-told"),
    path("leaving/", leaving.leavings, name="leavings"),
    path("leaving/certificates/<uuid:pk>/", leaving.certificate, name="certificate"),
    path("leaving/<uuid:pk>/", leaving.leaving, name="leaving"),
    path("leaving/<uuid:pk>/export/", leaving.export, name="export-district"),
    path("leaving/<uuid:pk>/export/save/", leaving.save, name="save-export"),
    path("leaving/<uuid:pk>/export/arrived/", leaving.arrived, name="export-arrived"),
    path("leaving/<uuid:pk>/ask/", leaving.ask, name="ask-leaving"),
    path("leaving/<uuid:pk>/confirm/", leaving.confirm, name="confirm-leaving"),
    path("leaving/<uuid:pk>/call-off/", leaving.call_off, name="call-off-leaving"),
    path("keeping/", retention.keepings, name="keepings"),
    path("keeping/<uuid:pk>/", retention.keeping, name="keeping"),
    path("keeping/<uuid:pk>/hold/", retention.hold, name="place-hold"),
    path("keeping/<uuid:pk>/days/<str:data_class>/", retention.change, name="change-keeping"),
    path("keeping/holds/<uuid:pk>/end/", retention.end_hold, name="end-hold"),
    path("agreements/write/", agreement_views.write, name="write-agreement"),
    path("agreements/<uuid:pk>/", agreement_views.agreement, name="agreement"),
    path("agreements/<uuid:pk>/sign/", agreement_views.sign, name="sign-agreement"),
    path("agreements/<uuid:pk>/end/", agreement_views.end, name="end-agreement"),
    path("agreements/<uuid:pk>/reminders/", agreement_views.reminders, name="reminders"),
    path("agreements/<uuid:pk>/paper/", agreement_views.paper, name="paper"),
    path("agreements/<uuid:pk>/paper/keep/", agreement_views.keep_paper, name="keep-paper"),
]
