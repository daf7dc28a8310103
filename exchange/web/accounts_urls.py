"""Addresses of the pages about people, organisations, invitations and keys."""

from django.urls import path

from exchange.web.views import accounts, api_keys, invitations, organisation_members, profile

ONE = "organisations/<str:organisation_id>/"

urlpatterns = [
    path("profile/", profile.edit, name="profile"),
    path("invitations/<str:token>/", invitations.answer, name="invitation"),
    path("organisations/", accounts.list_organisations, name="organisations"),
    path("organisations/new/", accounts.create, name="organisation_create"),
    path("organisations/switch/", accounts.switch, name="organisation_switch"),
    path(ONE, accounts.show, name="organisation"),
    path(f"{ONE}edit/", accounts.edit, name="organisation_edit"),
    path(f"{ONE}invite/", invitations.invite, name="organisation_invite"),
    path(
        f"{ONE}invitations/<str:invitation_id>/revoke/",
        invitations.revoke,
        name="invitation_revoke",
    ),
    path(
        f"{ONE}members/<str:member_id>/role/",
        organisation_members.change_role,
        name="member_role",
    ),
    path(
        f"{ONE}members/<str:member_id>/remove/",
        organisation_members.remove,
        name="member_remove",
    ),
    path(f"{ONE}api-keys/", api_keys.list_keys, name="api_keys"),
    path(f"{ONE}api-keys/new/", api_keys.create, name="api_key_create"),
    path(f"{ONE}api-keys/<str:key_id>/revoke/", api_keys.revoke, name="api_key_revoke"),
]
