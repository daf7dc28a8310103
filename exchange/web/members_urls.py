"""Pages of admission and of the team's roles; included by `web.urls`."""

from django.urls import path

from exchange.web.views import members, team

urlpatterns = [
    path("admission/", members.show, name="admission"),
    path("admission/apply/", members.apply, name="admission_apply"),
    path("admission/documents/", members.add_document, name="admission_add_document"),
    path(
        "admission/documents/<str:document_id>/",
        members.download_document,
        name="admission_document",
    ),
    path("admission/answer/", members.answer, name="admission_answer"),
    path("admission/withdraw/", members.withdraw, name="admission_withdraw"),
    path("admission/rules/", members.accept_rules, name="admission_accept_rules"),
    path("team/", team.show, name="team"),
    path("team/roles/", team.grant, name="team_grant"),
    path("team/roles/<str:grant_id>/revoke/", team.revoke, name="team_revoke"),
]
