"""Addresses of people, organisations, invitations, members and keys."""

from django.urls import path

from exchange.web.accounts import views, views_access, views_sessions

ONE = "organisations/<str:organisation_id>/"

urlpatterns = [
    path("profile/", views.edit_profile, name="profile"),
    # In the place of the library's own page, which has this address.
    path("accounts/sessions/", views_sessions.show, name="sessions"),
    path("invitations/<str:token>/", views_access.answer, name="invitation"),
    path("organisations/", views.list_organisations, name="organisations"),
    path("organisations/new/", views.create, name="organisation_create"),
    path("organisations/switch/", views.switch, name="organisation_switch"),
    path(ONE, views.show, name="organisation"),
    path(f"{ONE}edit/", views.edit, name="organisation_edit"),
    path(f"{ONE}billing/", views.edit_billing, name="organisation_billing"),
    path(f"{ONE}invite/", views_access.invite, name="organisation_invite"),
    path(
        f"{ONE}invitations/<str:invitation_id>/revoke/",
        views_access.revoke_invitation,
        name="invitation_revoke",
    ),
    path(
        f"{ONE}members/<str:member_id>/role/",
        views_access.change_role,
        name="member_role",
    ),
    path(
        f"{ONE}members/<str:member_id>/remove/",
        views_access.remove,
        name="member_remove",
    ),
    path(f"{ONE}api-keys/", views_access.list_keys, name="api_keys"),
    path(f"{ONE}api-keys/new/", views_access.create_key, name="api_key_create"),
    path(f"{ONE}api-keys/<str:key_id>/revoke/", views_access.revoke_key, name="api_key_revoke"),
]
