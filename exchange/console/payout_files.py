"""Files of payouts for the exchange's own bank: made, approved by another, taken, given to the bank."""

from functools import partial
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from exchange.console.access import actor_of
from exchange.console.acts import ASKED
from exchange.console.marks import PRIMARY, act
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyRows, ReadOnlyTable, money_column, state_column, where
from exchange.core import currencies
from exchange.core.fields import FullReasonForm
from exchange.members import policy
from exchange.members.permissions import Permission
from exchange.payments import by_hand, payout_files
from exchange.payments.lifecycle import PayoutFileState
from exchange.payments.models import Payout, PayoutFile

STATES = {
    PayoutFileState.MADE.value: "warning",
    PayoutFileState.APPROVED.value: "info",
    PayoutFileState.SENT.value: "success",
}
TYPES = {"xml": "application/xml", "csv": "text/csv; charset=utf-8"}


class PayoutsOfFile(ReadOnlyRows):
    model = Payout
    fields = ("organisation", "amount_shown", "account", "state")
    readonly_fields = fields
    related = ("organisation", "account__organisation")
    verbose_name_plural = _("Payouts")

    amount_shown = money_column()


class FileForm(forms.Form):
    """In which of the currencies that wait; one file has one."""

    currency = forms.ChoiceField(label=_("Currency"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        waiting = payout_files.currencies_waiting() or [currencies.home()]
        field = cast("forms.ChoiceField", self.fields["currency"])
        field.choices = [(code, code) for code in waiting]


@admin.register(PayoutFile, site=console)
class PayoutFileTable(ReadOnlyTable):
    when_empty = _("Make a file of payouts with the button above, once payouts wait.")
    list_display = (
        "made_at",
        "state_shown",
        "payouts_count",
        "total_shown",
        "made_by",
        "approved_by",
    )
    list_filter = ("state",)
    search_fields = ("public_id__exact",)
    search_help_text = _("Public id")
    ordering = ("-pk",)
    fields = (
        "public_id", "state", "payouts_count", "total_shown", "made_by", "made_at", "approved_by",
        "approved_at", "sent_by", "sent_at",
    )  # fmt: skip
    inlines = (PayoutsOfFile,)
    actions_list = ("make",)
    actions_detail = ("approve", "take_xml", "take_csv", "note_sent", "drop", "give_up")

    state_shown = state_column(STATES)
    total_shown = money_column(_("total"), field="total")

    has_made_permission = where(state=PayoutFileState.MADE)
    has_approved_permission = where(state=PayoutFileState.APPROVED)

    @act(_("Make a file"), path="make", icon="note_add", variant=PRIMARY)
    def make(self, request: HttpRequest) -> HttpResponse:
        return self.perform_on_list(
            request, payout_files.make, FileForm,
            title=_("Make a file of payouts"),
            sentence=_("It holds every payout that waits for the exchange's bank."),
            button=_("Make a file"),
            done=_("The file is made. Ask for its approval."),
        )  # fmt: skip

    @act(
        _("Ask for approval"), permission="made", path="approve", icon="how_to_vote",
        variant=PRIMARY,
    )  # fmt: skip
    def approve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, partial(by_hand.ask_about, by_hand.PAYOUT_FILE_APPROVED),
            title=_("Ask for the file to be approved"),
            sentence=_("It can be taken once a second person of the exchange's finance approves."),
            button=_("Ask for approval"),
            done=ASKED,
        )  # fmt: skip

    @act(_("Download pain.001"), permission="approved", path="xml", icon="download")
    def take_xml(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._take(request, object_id, form="xml")

    @act(_("Download CSV"), permission="approved", path="csv", icon="table_view")
    def take_csv(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._take(request, object_id, form="csv")

    def _take(self, request: HttpRequest, object_id: str, *, form: str) -> HttpResponse:
        policy.require(actor_of(request), Permission.PAYMENTS_HANDLE)
        file: PayoutFile = self.row(request, object_id)
        name = f"{file.public_id}.{form}"
        return HttpResponse(
            payout_files.content(file, form=form),
            content_type=TYPES[form],
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    @act(
        _("Note as given to the bank"), permission="approved", path="sent", icon="outbox",
        variant=PRIMARY,
    )  # fmt: skip
    def note_sent(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, payout_files.note_sent,
            title=_("Note the file as given to the bank"),
            sentence=_("Its payouts are then on their way. The bank's statement confirms each."),
            button=_("Note as given to the bank"),
            done=_("The payouts are on their way."),
        )  # fmt: skip

    @act(_("Give up"), permission="made", path="drop", icon="delete")
    def drop(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, payout_files.drop,
            title=_("Give the file up"),
            sentence=_("Its payouts wait for the next file."),
            button=_("Give up"),
            done=_("The file is given up."),
        )  # fmt: skip

    @act(_("Ask to give up"), permission="approved", path="give-up", icon="delete")
    def give_up(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, partial(by_hand.ask_about, by_hand.PAYOUT_FILE_GIVEN_UP), FullReasonForm,
            title=_("Ask for the approved file to be given up"),
            sentence=_(
                "Only where the bank does not have it: otherwise sellers are paid twice. Its payouts wait"
                " for the next file once a second person of the exchange's finance approves."
            ),
            button=_("Ask to give up"),
            done=ASKED,
        )  # fmt: skip
