"""Organisations, each with all that is its on one page; people, roles and keys. They are changed on their own
pages, never here."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey, Membership, Organisation, User
from exchange.console.marks import column
from exchange.console.member import SharedPeopleFilter, page_of
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyTable
from exchange.core.formatting import NOTHING, money_shown
from exchange.members.models import RoleGrant
from pricing.money import Money


@admin.register(Organisation, site=console)
class OrganisationTable(ReadOnlyTable):
    """A row's page is that of the member: standing and acts above, then the newest of all that is its."""

    list_display = ("name", "credit_code", "kind", "country", "sme", "created_at")
    list_filter = ("kind", "sme")
    search_fields = ("name__istartswith", "credit_code__exact", "public_id__exact")
    search_help_text = _("Beginning of the name, credit code or public id")
    ordering = ("name", "pk")
    fields = ("name", "public_id", "credit_code", "kind", "country", "sme", "created_at")
    change_form_outer_before_template = "console/member_head.html"
    change_form_outer_after_template = "console/member_parts.html"

    def beside(self, request: HttpRequest, row: Organisation) -> dict[str, Any]:
        return {"member": page_of(request, row)}


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
    member_fields = ("organisation",)
    search_fields = ("user__email__istartswith", "organisation__name__istartswith")
    search_help_text = _("Beginning of the e-mail address or of the organisation's name")
    ordering = ("-pk",)
    fields = ("user", "organisation", "role", "joined_at")

    def get_list_filter(self, request: HttpRequest) -> Any:
        return (*super().get_list_filter(request), SharedPeopleFilter)

    @column(_("role"), labels={"owner": "primary", "admin": "info"})
    def role_shown(self, row: Membership) -> tuple[str, str]:
        return row.role, row.get_role_display()


@admin.register(RoleGrant, site=console)
class RoleTable(ReadOnlyTable):
    """Roles at the exchange that organisations gave to their people, newest first."""

    when_empty = _("Organisations give their people roles on the page of their team.")
    list_display = ("user", "organisation", "role", "valid_from", "valid_until", "granted_by")
    list_filter = ("role", ("valid_until", admin.EmptyFieldListFilter))
    list_select_related = ("user", "organisation", "granted_by")
    member_fields = ("organisation",)
    search_fields = (
        "public_id__exact", "user__email__istartswith", "organisation__name__istartswith",
    )  # fmt: skip
    search_help_text = _("Public id, or beginning of the e-mail address or the organisation's name")
    ordering = ("-pk",)
    fields = (
        "user", "public_id", "organisation", "role", "valid_from", "granted_by", "reason",
        "valid_until", "revoked_by", "revoke_reason",
    )  # fmt: skip


@admin.register(ApiKey, site=console)
class KeyTable(ReadOnlyTable):
    """Keys of programs, newest first. Nobody can show a secret again: only its hash is kept."""

    when_empty = _("Members make keys for their programs on the page of their organisation.")
    list_display = (
        "name", "organisation", "created_by", "created_at", "expires_at", "last_used_at",
        "revoked_at",
    )  # fmt: skip
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("organisation", "created_by")
    member_fields = ("organisation",)
    search_fields = ("public_id__exact", "prefix__exact", "organisation__name__istartswith")
    search_help_text = _("Public id, prefix or beginning of the organisation's name")
    ordering = ("-pk",)
    fields = (
        "name", "public_id", "prefix", "organisation", "scopes_shown", "limit_shown", "spent_shown",
        "created_by", "created_at", "expires_at", "last_used_at", "revoked_at",
    )  # fmt: skip

    @column(_("scopes"))
    def scopes_shown(self, row: ApiKey) -> str:
        return ", ".join(row.scopes)

    @column(_("may spend"))
    def limit_shown(self, row: ApiKey) -> str:
        return _of_key(row, row.buying_limit_minor)

    @column(_("spent"))
    def spent_shown(self, row: ApiKey) -> str:
        return _of_key(row, row.bought_minor)


def _of_key(row: ApiKey, minor: int | None) -> str:
    """An amount in the currency in which the key may buy; nothing of one that may not."""
    if row.buying_limit_minor is None or minor is None:
        return NOTHING
    return money_shown(Money(minor, row.buying_currency))
