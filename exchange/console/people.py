"""Organisations, each with all that is its on one page; people, roles and keys. They are changed on their own
pages, never here; but a person's account is taken out of use here, and brought back."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey, Membership, Organisation, User
from exchange.console.acts import ASKED
from exchange.console.marks import DANGER, act, column
from exchange.console.member import SharedPeopleFilter, page_of
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyRows, ReadOnlyTable, first, state_column, where
from exchange.core.fields import FullReasonForm
from exchange.core.formatting import NOTHING, count_shown, money_shown
from exchange.members import deactivation
from exchange.members.lifecycle import Use
from exchange.members.models import Deactivation, RoleGrant
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


class DeactivateForm(FullReasonForm):
    """Where something follows for an organisation, that it was read is said, too."""

    leaves_no_owner = forms.BooleanField(
        label=_("I have read what follows for the organisation, and mean it"), required=False
    )

    def __init__(self, *args: Any, follows: str, **options: Any) -> None:
        super().__init__(*args, **options)
        if not follows:
            del self.fields["leaves_no_owner"]


class Deactivations(ReadOnlyRows):
    """When the account was out of use, by whom and why."""

    model = Deactivation
    fk_name = "user"
    fields = (
        "at", "by", "reason", "state", "restored_at", "restore_asked_by", "restored_by",
        "restore_reason",
    )  # fmt: skip
    related = ("by", "restore_asked_by", "restored_by")
    ordering = ("-pk",)


@admin.register(User, site=console)
class UserTable(ReadOnlyTable):
    """People, and whether they may sign in. An account is taken out of use by one operator, and brought back by
    two."""

    list_display = ("email", "name", "is_active", "joined_at")
    list_filter = ("is_active",)
    search_fields = ("email__istartswith", "public_id__exact")
    search_help_text = _("Beginning of the e-mail address, or public id")
    ordering = ("email",)
    fields = (
        "email", "public_id", "name", "language", "is_active", "joined_at", "last_login",
    )  # fmt: skip
    inlines = (Deactivations,)
    actions_detail = ("deactivate", "restore")

    has_deactivate_permission = where(is_active=True)
    has_restore_permission = where(deactivations__state=Use.OUT)

    @act(
        _("Deactivate"), path="deactivate", permission="deactivate", icon="person_off",
        variant=DANGER,
    )  # fmt: skip
    def deactivate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        person: User = self.row(request, object_id)
        follows = deactivation.what_follows(person)
        keys = ApiKey.objects.filter(created_by=person, revoked_at=None).count()
        ended = ngettext(
            "%(count)s API key that the person made ends for good.",
            "%(count)s API keys that the person made end for good.",
            keys,
        ) % {"count": count_shown(keys)}
        sentences = [
            gettext(
                "%(person)s (%(email)s) is signed out everywhere, at once, and cannot sign in until two"
                " operators bring the account back. What the person decided stays decided. The owners of"
                " the person's organisations and the person are told, with your reason."
            )
            % {"person": person, "email": person.email},
            ended if keys else "",
            follows,
        ]
        return self.perform(
            request, object_id, deactivation.deactivate, partial(DeactivateForm, follows=follows),
            title=gettext("Deactivate: %(person)s") % {"person": person},
            sentence="\n".join(filter(None, sentences)),
            button=_("Deactivate"),
        )  # fmt: skip

    @act(_("Bring back into use"), path="restore", permission="restore", icon="person_add")
    def restore(self, request: HttpRequest, object_id: str) -> HttpResponse:
        person: User = self.row(request, object_id)
        return self.perform(
            request, object_id, deactivation.ask_to_restore, FullReasonForm,
            title=gettext("Bring back into use: %(person)s") % {"person": person},
            sentence=_(
                "The person can sign in again once a second operator approves. Sessions and API keys that"
                " have ended stay ended."
            ),
            button=_("Propose"),
            done=ASKED,
        )  # fmt: skip


@admin.register(Deactivation, site=console)
class DeactivationTable(ReadOnlyTable):
    """Accounts that are out of use first."""

    when_empty = _("Operators take a person's account out of use on that person's page.")
    list_display = ("person_shown", "at", "by", "reason", "state_shown", "restored_at")
    list_filter = ("state",)
    list_select_related = ("user", "by")
    member_fields = ("user__memberships__organisation",)
    search_fields = ("public_id__exact", "user__email__istartswith", "user__public_id__exact")
    search_help_text = _("Public id, or beginning of the person's e-mail address")
    ordering = (first(state=Use.OUT), "-pk")
    fields = (
        "user", "public_id", "state", "at", "by", "reason", "restored_at", "restore_asked_by",
        "restored_by", "restore_reason",
    )  # fmt: skip

    state_shown = state_column({Use.OUT.value: "danger", Use.BACK.value: "success"})

    @column(_("person"))
    def person_shown(self, row: Deactivation) -> str:
        return f"{row.user} · {row.user.email}"


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
