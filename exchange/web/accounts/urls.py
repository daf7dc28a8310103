"""Addresses of people, organisations, invitations, members and keys."""

from django.urls import path

from exchange.web.accounts import views, views_keys, views_members

ONE = "organisations/<str:organisation_id>/"

urlpatterns = [
    path("profile/", views.edit_profile, name="profile"),
    path("invitations/<str:token>/", views_members.answer, name="invitation"),
    path("organisations/", views.list_organisations, name="organisations"),
    path("organisations/new/", views.create, name="organisation_create"),
    path("organisations/switch/", views.switch, name="organisation_switch"),
    path(ONE, views.show, name="organisation"),
    path(f"{ONE}edit/", views.edit, name="organisation_edit"),
    path(f"{ONE}invite/", views_members.invite, name="organisation_invite"),
    path(
        f"{ONE}invitations/<str:invitation_id>/revoke/",
        views_members.revoke_invitation,
        name="invitation_revoke",
    ),
    path(
        f"{ONE}members/<str:member_id>/role/",
        views_members.change_role,
        name="member_role",
    ),
    path(
        f"{ONE}members/<str:member_id>/remove/",
        views_members.remove,
        name="member_remove",
    ),
    path(f"{ONE}api-keys/", views_keys.list_keys, name="api_keys"),
    path(f"{ONE}api-keys/new/", views_keys.create, name="api_key_create"),
    path(f"{ONE}api-keys/<str:key_id>/revoke/", views_keys.revoke, name="api_key_revoke"),
]
