"""Addresses of people, organisations, invitations and keys."""

from django.urls import path

from exchange.api import accounts

ORGANISATION = "organisations/<str:organisation_id>"

urlpatterns = [
    path("me", accounts.MeView.as_view(), name="me"),
    path("organisations", accounts.OrganisationsView.as_view(), name="organisations"),
    path(ORGANISATION, accounts.OrganisationView.as_view(), name="organisation"),
    path(f"{ORGANISATION}/members", accounts.MembersView.as_view(), name="organisation-members"),
    path(f"{ORGANISATION}/invitations", accounts.InvitationsView.as_view(), name="invitations"),
    path(
        f"{ORGANISATION}/invitations/<str:invitation_id>/revoke",
        accounts.InvitationRevocationView.as_view(),
        name="invitation-revoke",
    ),
    path(f"{ORGANISATION}/api-keys", accounts.ApiKeysView.as_view(), name="api-keys"),
    path(
        f"{ORGANISATION}/api-keys/<str:key_id>/revoke",
        accounts.ApiKeyRevocationView.as_view(),
        name="api-key-revoke",
    ),
]
