"""Addresses of admission and of the team's roles."""

from django.urls import path

from exchange.web.members import identity, views

urlpatterns = [
    path("admission/", views.show, name="admission"),
    path("admission/apply/", views.apply, name="admission_apply"),
    path("admission/documents/", views.add_document, name="admission_add_document"),
    path(
        "admission/documents/<str:document_id>/",
        views.download_document,
        name="admission_document",
    ),
    path("admission/answer/", views.answer, name="admission_answer"),
    path("admission/withdraw/", views.withdraw, name="admission_withdraw"),
    path("admission/rules/", views.accept_rules, name="admission_accept_rules"),
    path("admission/identity/", identity.show, name="identity"),
    path(
        "admission/identity/<str:request_id>/withdraw/",
        identity.withdraw,
        name="identity_withdraw",
    ),
    path("team/", views.show_team, name="team"),
    path("team/roles/", views.grant, name="team_grant"),
    path("team/roles/<str:grant_id>/revoke/", views.revoke, name="team_revoke"),
]
