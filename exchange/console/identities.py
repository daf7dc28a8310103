"""Changes of what organisations were admitted as: asked for by them, decided here."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from exchange.console.marks import DANGER, SUCCESS, act, column
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyTable, first, state_column, where
from exchange.core.fields import FullReasonForm
from exchange.members import identity, names
from exchange.members.lifecycle import RequestState
from exchange.members.models import IdentityRequest


@admin.register(IdentityRequest, site=console)
class IdentityRequestTable(ReadOnlyTable):
    """Open ones first. Nobody decides on what they asked for, or for their own house."""

    when_empty = _("Members ask to change what they are called. You decide here when one does.")
    list_display = ("organisation", "fields_shown", "asked_by", "asked_at", "state_shown")
    list_filter = ("state",)
    list_select_related = ("organisation", "asked_by", "decided_by")
    member_fields = ("organisation",)
    search_fields = ("organisation__name__istartswith", "public_id__exact")
    search_help_text = _("Beginning of the organisation's name, or public id")
    ordering = (first(state=RequestState.OPEN), "-asked_at", "-pk")
    fields = (
        "organisation", "public_id", "before_shown", "wanted_shown", "like_shown", "reason", "asked_by",
        "asked_at", "state", "decided_by", "decided_at", "note",
    )  # fmt: skip
    actions_detail = ("approve", "decline")

    state_shown = state_column(
        {
            RequestState.OPEN.value: "warning",
            RequestState.APPROVED.value: "success",
            RequestState.DECLINED.value: "danger",
        }
    )

    has_decide_permission = where(state=RequestState.OPEN)

    @column(_("fields"))
    def fields_shown(self, row: IdentityRequest) -> str:
        return ", ".join(one.label for one in identity.differences_of(row))

    @column(_("as it is"))
    def before_shown(self, row: IdentityRequest) -> str:
        return " · ".join(f"{one.label}: {one.before}" for one in identity.differences_of(row))

    @column(_("as it shall be"))
    def wanted_shown(self, row: IdentityRequest) -> str:
        return " · ".join(f"{one.label}: {one.after}" for one in identity.differences_of(row))

    @column(_("members whose names look alike"))
    def like_shown(self, row: IdentityRequest) -> str:
        name = str(row.wanted.get("name", row.organisation.name))
        found = names.like(name, organisation_id=row.organisation_id)
        return ", ".join(str(one) for one in found) or gettext("none")

    @act(_("Approve"), permission="decide", path="approve", icon="check", variant=SUCCESS)
    def approve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, identity.approve, title=_("Approve"), button=_("Approve"),
            sentence=_("The organisation is known so at once; what was agreed before keeps its names."),
        )  # fmt: skip

    @act(_("Decline"), permission="decide", path="decline", icon="close", variant=DANGER)
    def decline(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, identity.decline, FullReasonForm, title=_("Decline"),
            button=_("Decline"), sentence=_("The organisation reads your reason."),
        )  # fmt: skip
