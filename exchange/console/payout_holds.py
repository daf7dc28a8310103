"""Sellers whose payouts the exchange's finance holds back: asked for at a payout or an account, let go here."""

from functools import partial

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from exchange.console.acts import ASKED
from exchange.console.marks import SUCCESS, act
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyTable, first, legal, state_column
from exchange.core.fields import FullReasonForm
from exchange.payments import payout_holds
from exchange.payments.hold_lifecycle import PAYOUT_HOLD, PayoutHoldState, PayoutHoldTransition
from exchange.payments.models import Payout, PayoutAccount, PayoutHold


def ask_to_hold(
    table: ReadOnlyTable, request: HttpRequest, row: Payout | PayoutAccount
) -> HttpResponse:
    """The page on which finance asks for the payouts to the seller of a payout or an account to be held."""
    asked = partial(payout_holds.ask_to_hold, row.organisation.public_id, currency=row.currency)
    return table.perform_on_list(
        request, asked, FullReasonForm,
        title=gettext("Hold the payouts in %(currency)s to %(seller)s")
        % {"currency": row.currency, "seller": row.organisation},
        sentence=_(
            "Once a second person of the exchange's finance approves, nothing is paid out to the seller in"
            " this currency until two let it go again. What is available stays the seller's, and the"
            " seller reads your reason. What the provider or the bank has already goes on."
        ),
        button=_("Hold the seller's payouts"),
        done=ASKED,
        back=table.address(row),
    )  # fmt: skip


@admin.register(PayoutHold, site=console)
class PayoutHoldTable(ReadOnlyTable):
    """Those that hold now first."""

    when_empty = _(
        "Finance holds a seller's payouts back at one of them, or at the seller's account."
    )
    list_display = ("organisation", "currency", "state_shown", "reason", "held_at", "released_at")
    list_filter = ("state", "currency")
    list_select_related = ("organisation",)
    member_fields = ("organisation",)
    search_fields = ("public_id__exact", "organisation__name__istartswith")
    search_help_text = _("Public id, or beginning of the organisation's name")
    ordering = (first(state=PayoutHoldState.HELD), "-pk")
    fields = (
        "public_id", "organisation", "currency", "state", "reason", "asked_by", "held_by", "held_at",
        "release_reason", "release_asked_by", "released_by", "released_at",
    )  # fmt: skip
    actions_detail = ("release",)

    state_shown = state_column(
        {PayoutHoldState.HELD.value: "danger", PayoutHoldState.RELEASED.value: "success"}
    )
    has_release_permission = legal(PAYOUT_HOLD, PayoutHoldTransition.RELEASE)

    @act(
        _("Let the payouts go"), permission="release", path="release", icon="play_arrow",
        variant=SUCCESS,
    )  # fmt: skip
    def release(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, payout_holds.ask_to_release, FullReasonForm,
            title=_("Let the payouts go"),
            sentence=_(
                "The next run pays the seller what is available, once a second person of the exchange's"
                " finance approves."
            ),
            done=ASKED,
        )  # fmt: skip
