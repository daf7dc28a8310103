"""Organisations, people and who acts for whom. They are changed on their own pages, never here."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation, User
from exchange.console.marks import column
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyRows, ReadOnlyTable


class MembersOfOrganisation(ReadOnlyRows):
    model = Membership
    fields = ("user", "role", "joined_at")
    related = ("user", "organisation")
    ordering = ("joined_at", "pk")


@admin.register(Organisation, site=console)
class OrganisationTable(ReadOnlyTable):
    list_display = ("name", "credit_code", "kind", "country", "sme", "created_at")
    list_filter = ("kind", "sme")
    search_fields = ("name__istartswith", "credit_code__exact", "public_id__exact")
    search_help_text = _("Beginning of the name, credit code or public id")
    ordering = ("name", "pk")
    fields = ("name", "public_id", "credit_code", "kind", "country", "sme", "created_at")
    inlines = (MembersOfOrganisation,)


@admin.register(User, site=console)
class UserTable(ReadOnlyTable):
    list_display = ("email", "name", "is_active", "joined_at")
    list_filter = ("is_active",)
    search_fields = ("email__istartswith", "public_id__exact")
    search_help_text = _("Beginning of the e-mail address, or public id")
    ordering = ("email",)
    fields = (
        "email", "public_id", "name", "language", "is_active", "joined_at", "last_login",
    )  # fmt: skip


@admin.register(Membership, site=console)
class MembershipTable(ReadOnlyTable):
    list_display = ("user", "organisation", "role_shown", "joined_at")
    list_filter = ("role",)
    list_select_related = ("user", "organisation")
    search_fields = ("user__email__istartswith", "organisation__name__istartswith")
    search_help_text = _("Beginning of the e-mail address or of the organisation's name")
    ordering = ("-pk",)
    fields = ("user", "organisation", "role", "joined_at")

    @column(_("role"), labels={"owner": "primary", "admin": "info"})
    def role_shown(self, row: Membership) -> tuple[str, str]:
        return row.role, row.get_role_display()
