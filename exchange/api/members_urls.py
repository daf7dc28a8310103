"""Addresses of admission and roles; included by `api.urls`."""

from django.urls import path

from exchange.api import members

urlpatterns = [
    path("admission", members.AdmissionView.as_view(), name="admission"),
    path("roles", members.RolesView.as_view(), name="roles"),
    path("roles/<str:role_id>/revoke", members.RoleRevocationView.as_view(), name="role-revoke"),
]
