"""Money that came by bank, in the console: one line, a whole statement, matching, sending back."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.console.access import actor_of
from exchange.console.acts import ASKED, sent, themed
from exchange.console.chain import money_of
from exchange.console.marks import PRIMARY, act
from exchange.console.payments import BankReferenceForm
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyTable, money_column, state_column
from exchange.core import clock, currencies
from exchange.core.fields import AmountField, DayField, MoneyForm
from exchange.core.formatting import NOTHING, money_shown
from exchange.core.refusals import Refusal
from exchange.members import policy
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.payments import bank, by_hand
from exchange.payments.bank import BankLine
from exchange.payments.bank_proposals import Proposal, proposals
from exchange.payments.lifecycle import IncomingState
from exchange.payments.models import IncomingTransfer, Payment
from exchange.payments.models.bank import BANK_REF_CHARS_MAX, TEXT_CHARS_MAX
from pricing.money import CURRENCIES

STATEMENT_BYTES_MAX = 5 * 1024 * 1024
STATES = {
    IncomingState.NEW.value: "danger",
    IncomingState.MATCHED.value: "warning",
    IncomingState.USED.value: "success",
}


class StatementForm(forms.Form):
    statement = forms.FileField(
        label=gettext_lazy("Statement (camt.053, MT940 or CSV)"),
        help_text=gettext_lazy(
            "As the bank gives it. A CSV has the columns bank_ref, received_on (2026-11-23), amount"
            " (1234.50, with a minus where money went out), currency, payer_name, text."
        ),
    )


class MatchForm(forms.Form):
    reference = forms.CharField(label=gettext_lazy("Payment reference"), max_length=20)

    def __init__(self, *args: Any, proposed: Sequence[Proposal] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["reference"]
        field.help_text = "; ".join(
            f"{one.payment.reference} · {money_shown(one.payment.amount)} · {one.payment.payer}"
            f" ({one.reasons})"
            for one in proposed
        )
        if len(proposed) == 1:
            field.initial = proposed[0].payment.reference


class AmountForm(MoneyForm):
    """An amount in any currency: the bank may bring what the exchange does not offer."""

    amount = AmountField(label=gettext_lazy("Amount"))
    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"),
        choices=partial(currencies.choices, *CURRENCIES),
        initial=currencies.home,
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        said.pop("currency", None)  # the amount carries it
        return said


class LineForm(AmountForm):
    text = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=TEXT_CHARS_MAX,
        help_text=gettext_lazy("With the payment reference it is matched at once."),
    )
    payer_name = forms.CharField(
        label=gettext_lazy("Payer"), max_length=TEXT_CHARS_MAX, required=False
    )
    received_on = DayField(
        label=gettext_lazy("Day"), widget=forms.TextInput(attrs={"type": "date"})
    )
    bank_ref = forms.CharField(
        label=gettext_lazy("The bank's reference"),
        max_length=BANK_REF_CHARS_MAX,
    )


@admin.register(IncomingTransfer, site=console)
class IncomingTable(ReadOnlyTable):
    when_empty = gettext_lazy("Enter a line or a statement of the bank with the buttons above.")
    list_display = ("received_on", "state_shown", "amount_shown", "payer_name", "text", "outcome")
    list_filter = ("state", "outcome")
    search_fields = ("bank_ref__exact", "public_id__exact")
    search_help_text = gettext_lazy("The bank's reference, or public id")
    ordering = ("-pk",)
    fields = (
        "bank_ref", "public_id", "received_on", "amount_shown", "payer_name", "text", "state",
        "outcome", "payment", "entered_by", "entered_at", "matched_by", "matched_at",
    )  # fmt: skip
    actions_detail = ("match", "send_back")
    actions_list = ("enter_line", "enter_statement", "top_up")

    state_shown = state_column(STATES)
    amount_shown = money_column()

    def beside(self, _request: HttpRequest, row: IncomingTransfer) -> dict[str, Any]:
        return money_of(row.payment.order, here=row) if row.payment else {}

    @act(gettext_lazy("Match to a payment"), path="match", icon="link", variant=PRIMARY)
    def match(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.row(request, object_id)
        return self.perform(
            request, object_id, _match, partial(MatchForm, proposed=proposals(row)),
            title=_("Match the transfer to a payment"),
            sentence=_("%(amount)s from %(payer)s: %(text)s")
            % {"amount": money_shown(row.amount), "payer": row.payer_name, "text": row.text},
            button=_("Match"),
            done=ASKED,
        )  # fmt: skip

    @act(gettext_lazy("Note as sent back"), path="send-back", icon="undo")
    def send_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.row(request, object_id)
        return self.perform(
            request, object_id, partial(by_hand.ask_about, by_hand.SEND_BACK), BankReferenceForm,
            title=_("Note what is left as sent back"),
            sentence=_(
                "%(rest)s was sent back to %(payer)s from the exchange's bank account: what no payment used"
                " of %(amount)s (%(text)s)."
            )
            % {
                "rest": money_shown(bank.unused_of(row)),
                "payer": row.payer_name or NOTHING,
                "amount": money_shown(row.amount),
                "text": row.text or NOTHING,
            },
            button=_("Note as sent back"),
            done=ASKED,
        )  # fmt: skip

    @act(gettext_lazy("Enter a transfer"), path="line", icon="add", variant=PRIMARY)
    def enter_line(self, request: HttpRequest) -> HttpResponse:
        today = {"received_on": timezone.localtime(clock.now()).date().isoformat()}
        return self.perform_on_list(
            request,
            lambda *, actor, now, **line: by_hand.ask_to_enter(
                BankLine(**line), actor=actor, now=now
            ),
            partial(LineForm, initial=today),
            title=_("Enter a transfer"),
            sentence=_(
                "As the bank's statement has it. It is in the books once a second person of the"
                " exchange's finance approves."
            ),
            button=_("Enter"),
            done=ASKED,
        )

    @act(gettext_lazy("Enter a statement"), path="statement", icon="upload_file")
    def enter_statement(self, request: HttpRequest) -> HttpResponse:
        """The lines are read now and entered once a second person approves them."""
        policy.require(actor_of(request), Permission.PAYMENTS_HANDLE)
        form = StatementForm(sent(request), request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                return self._entered(request, form.cleaned_data["statement"])
            except Refusal as refusal:
                form.add_error("statement", str(refusal.message))
        return TemplateResponse(
            request,
            "console/act.html",
            {
                **console.each_context(request),
                "title": _("Enter a bank statement"),
                "sentence": _(
                    "Lines that are known already change nothing. The others are in the books once a"
                    " second person of the exchange's finance approves."
                ),
                "button": _("Enter"),
                "form": themed(form),
                "back": self.address(),
            },
            status=422 if form.errors else 200,
        )

    def _entered(self, request: HttpRequest, upload: Any) -> HttpResponse:
        by_hand.ask_to_enter_statement(
            actor=actor_of(request), content=upload.read(STATEMENT_BYTES_MAX), now=clock.now()
        )
        messages.success(request, str(ASKED))
        return HttpResponseRedirect(self.address())

    @act(gettext_lazy("Move money to the provider"), path="top-up", icon="move_up")
    def top_up(self, request: HttpRequest) -> HttpResponse:
        return self.perform_on_list(
            request, by_hand.ask_to_top_up, AmountForm,
            title=_("Move money from the bank to the provider"),
            sentence=_("The provider pays sellers out of its own balance."),
            button=_("Move"),
            done=ASKED,
        )  # fmt: skip


def _match(transfer_id: str, *, reference: str, actor: Actor, now: datetime) -> None:
    wanted = reference.strip().upper()
    payment = Payment.objects.filter(reference=wanted).first()
    payment_id = payment.public_id if payment else wanted
    by_hand.ask_about(by_hand.MATCH, transfer_id, actor=actor, payment=payment_id, now=now)
