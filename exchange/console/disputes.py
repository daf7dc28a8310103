"""The dispute desk: the queue, one dispute with both sides and the money, and what an operator does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.console.chain import money_of
from exchange.console.marks import PRIMARY, act, column
from exchange.console.sites import console
from exchange.console.tables import (
    ReadOnlyTable,
    first,
    legal,
    money_column,
    state_column,
)
from exchange.core.fields import AmountField, FullReasonForm, MoneyForm, ReasonForm
from exchange.core.formatting import NOTHING, money_shown
from exchange.core.refusals import Refusal
from exchange.core.titles import title_of
from exchange.delivery import comparisons
from exchange.delivery.comparisons import Standing
from exchange.disputes import answers
from exchange.disputes.drafts import RulingDraft, newest_draft
from exchange.disputes.lifecycle import (
    DISPUTE,
    DisputeState,
    DisputeTransition,
    DisputeTurn,
    Remedy,
)
from exchange.disputes.models import Dispute, DisputeStep
from exchange.disputes.queries import speaker
from exchange.disputes.splits import SplitView, split_as_asked, split_view
from exchange.journeys import disputes
from exchange.orders.lifecycle import OrderTransition, RulingReason
from exchange.orders.models import Order, Ruling
from exchange.orders.rulings import ENDS_ACCESS, GROUNDS, open_ruling
from exchange.payments import order_refunds
from pricing.money import Money

X = DisputeTransition
PROPOSED = _("Proposed. A second operator decides: see “Rulings”.")
STATES = {
    DisputeState.OPENED.value: "info",
    DisputeState.REVIEW.value: "warning",
    DisputeState.ASKED.value: "info",
    DisputeState.RULED.value: "info",
    DisputeState.APPEALED.value: "warning",
    DisputeState.ENDED.value: "success",
}
PART, END = "part", "end"
RELEASE, REFUND = OrderTransition.RELEASE.value, OrderTransition.REFUND.value
# What can be ruled, each with the reasons that fit it.
RulingRow = tuple[str, Promise, Sequence[RulingReason]]
RULINGS: tuple[RulingRow, ...] = (
    (REFUND, _("Refund in full"), GROUNDS[OrderTransition.REFUND]),
    (PART, _("Refund a part, and release the rest"), GROUNDS[OrderTransition.REFUND]),
    (RELEASE, _("Release the money to the seller"), GROUNDS[OrderTransition.RELEASE]),
    (END, _("End the access, and release the money to the seller"), ENDS_ACCESS),
)


class DecisionForm(MoneyForm):
    """The ruling with its reason, chosen together and from nothing; the amount is that of a part.

    `seen` names the split that was shown last: what is proposed is what was looked at.
    """

    ruling = forms.ChoiceField(label=_("Ruling and reason"))
    amount = AmountField(
        label=_("Amount to refund"), help_text=_("For a refund of a part."), required=False
    )
    reason = FullReasonForm.base_fields["reason"]
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=100)

    def __init__(self, *args: Any, dispute: Dispute, **options: Any) -> None:
        super().__init__(*args, currency=dispute.order.currency, **options)
        field = self.fields["ruling"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", _("Choose")), *map(_ruling_choices, _rulings_on(dispute))]

    def clean(self) -> dict[str, Any]:
        """Adds `name`, `reason_code` and `refund`, the part of a partial refund or None."""
        said = super().clean()
        said["name"], _colon, said["reason_code"] = str(said.get("ruling", "")).partition(":")
        is_part = said["name"] == PART
        if is_part and "amount" in said and said["amount"] is None:
            self.add_error("amount", _("Give the amount to refund."))
        said["refund"] = said.get("amount") if is_part else None
        return said


def _rulings_on(dispute: Dispute) -> list[RulingRow]:
    """What can be ruled: the end of an access only where it is asked for."""
    return [row for row in RULINGS if row[0] != END or dispute.remedy == Remedy.END_ACCESS]


def _ruling_choices(row: RulingRow) -> tuple[Promise, list[tuple[str, str]]]:
    name, title, reasons = row
    return title, [(f"{name}:{reason.value}", str(reason.label)) for reason in reasons]


def _ruling_links(dispute: Dispute) -> list[tuple[str, list[tuple[str, str]]]]:
    """Every ruling with the links of its reasons, which open the form with both chosen."""
    page = reverse("console:disputes_dispute_decide", args=[dispute.pk])
    return [
        (str(title), [(f"{page}?ruling={value}", label) for value, label in reasons])
        for title, reasons in map(_ruling_choices, _rulings_on(dispute))
    ]


def whole_amount(name: str, order: Order) -> Money | None:
    """What goes back by a ruling of that name; None where the ruling says it, or is none."""
    nothing = Money(0, order.currency)
    back = {RELEASE: nothing, END: nothing}
    return order_refunds.refundable(order) if name == REFUND else back.get(name)


def _chosen(asked: str, dispute: Dispute) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the form begins with and what is shown beside it, where a link named the ruling and its reason: the
    split of a ruling that names no amount of its own has then been seen."""
    amount = whole_amount(asked.partition(":")[0], dispute.order)
    if amount is None:
        return {"ruling": asked}, {}
    try:
        split = split_view(dispute.order, amount)
    except Refusal:
        return {"ruling": asked}, {}
    seen = f"{asked.partition(':')[0]}:{amount.minor}"
    return {"ruling": asked, "seen": seen}, {"split": split, "button": _("Propose this ruling")}


def preview(form: DecisionForm, order: Order) -> dict[str, Any] | None:
    """The split to look at before the ruling is proposed; None once it was looked at."""
    said = form.cleaned_data
    amount = said["refund"] or whole_amount(said["name"], order) or Money(0, order.currency)
    mark = f"{said['name']}:{amount.minor}"
    if said["seen"] == mark:
        return None
    form.data = {**form.data.dict(), "seen": mark} if isinstance(form.data, QueryDict) else {}
    return {"split": split_view(order, amount), "button": _("Propose this ruling")}


def propose(order_id: str, said: dict[str, Any], **asked: Any) -> Order:
    """Propose what the form says."""
    is_refund = said["name"] == REFUND
    return disputes.rule_on(
        order_id,
        transition=OrderTransition.REFUND if is_refund else OrderTransition.RELEASE,
        reason_code=said["reason_code"],
        reason=said["reason"],
        refund=said["refund"],
        ends_access=said["name"] == END,
        **asked,
    )


@dataclass(frozen=True)
class DeskSide:
    role: str
    name: str
    url: str
    said: tuple[DisputeStep, ...]


@dataclass(frozen=True)
class DeskFile:
    name: str
    by: str
    at: datetime
    url: str


@dataclass(frozen=True)
class Desk:
    """Both sides, what the exchange asked, and the money."""

    page_url: str
    order_url: str
    ruling: str
    ruling_by: str
    ruling_url: str
    sides: tuple[DeskSide, ...]
    questions: tuple[DisputeStep, ...]
    files: tuple[DeskFile, ...]
    split: SplitView | None
    offered: str
    offered_by: str
    offered_until: datetime | None
    order: Order
    comparison: Standing | None
    is_under_way: bool
    comparison_url: str
    case_file_url: str
    draft: RulingDraft | None


def desk_of(dispute: Dispute) -> Desk:
    """All that a decision rests on."""
    steps = list(dispute.steps.order_by("number"))
    ruling = open_ruling(dispute.order)
    order_id = dispute.order.public_id
    standing = comparisons.standing_of(dispute.order)
    return Desk(
        page_url=reverse("web:dispute", args=[dispute.public_id]),
        order_url=reverse("web:order", args=[order_id]),
        ruling=ruling_words(ruling) if ruling else "",
        ruling_by=str(ruling.proposed_by) if ruling else "",
        ruling_url=reverse("console:orders_ruling_change", args=[ruling.pk]) if ruling else "",
        sides=(
            _side(dispute, steps, DisputeTurn.CLAIMANT),
            _side(dispute, steps, DisputeTurn.RESPONDENT),
        ),
        questions=tuple(step for step in steps if step.transition in answers.QUESTIONS),
        split=split_as_asked(dispute),
        files=tuple(
            DeskFile(
                found.name,
                found.organisation.name,
                found.uploaded_at,
                reverse("web:dispute_file", args=[dispute.public_id, found.public_id]),
            )
            for found in dispute.files.select_related("organisation")
        ),
        offered=dispute.offer_shown,
        offered_by=_offerer(dispute),
        offered_until=dispute.offer_until,
        order=dispute.order,
        comparison=standing,
        is_under_way=standing is not None and standing.state in comparisons.OPEN,
        comparison_url=reverse("web:order_comparison", args=[order_id]),
        case_file_url=reverse("web:order_case_file", args=[order_id]),
        draft=None if dispute.outcome else newest_draft(dispute.order),
    )


def ruling_words(ruling: Ruling) -> str:
    """What is ruled, with the amount of a part."""
    if ruling.refund is not None:
        amount = money_shown(ruling.refund)
        return str(_("Refund %(amount)s, and release the rest") % {"amount": amount})
    name = END if ruling.ends_access else ruling.transition
    return str({name: title for name, title, _reasons in RULINGS}[name])


def _offerer(dispute: Dispute) -> str:
    is_claimants = dispute.offer_by == DisputeTurn.CLAIMANT
    return (dispute.claimant if is_claimants else dispute.respondent).name


def _side(dispute: Dispute, steps: Sequence[DisputeStep], turn: DisputeTurn) -> DeskSide:
    organisation = dispute.claimant if turn is DisputeTurn.CLAIMANT else dispute.respondent
    is_buyer = organisation.pk == dispute.order.buyer_id
    return DeskSide(
        role=str(_("Buyer") if is_buyer else _("Seller")),
        name=organisation.name,
        url=reverse("console:accounts_organisation_change", args=[organisation.pk]),
        said=tuple(step for step in steps if speaker(step, steps) == turn and step.reason),
    )


@admin.register(Dispute, site=console)
class DisputeTable(ReadOnlyTable):
    """What waits for the exchange first, the most urgent before all."""

    when_empty = _(
        "A side opens a dispute on the page of its order. The exchange is told when it has to decide."
    )
    list_display = (
        "title_shown", "kind", "state_shown", "turn", "due_at", "claimant", "respondent",
        "wanted_shown",
    )  # fmt: skip
    list_filter = ("turn", "state", "kind")
    list_select_related = ("order", "claimant", "respondent")
    member_fields = ("claimant", "respondent")
    search_fields = ("public_id__exact", "order__public_id__exact", "order__title__istartswith")
    search_help_text = _("Public id of the dispute or the order, or beginning of the title")
    ordering = (first(turn=DisputeTurn.OPERATOR), F("due_at").asc(nulls_last=True), "-pk")
    fields = (
        "title_shown", "public_id", "kind", "line_day", "line_meter", "state", "turn", "due_at",
        "remedy", "wanted_shown", "outcome", "ruling_shown", "opened_at", "ended_at", "desk_shown",
    )  # fmt: skip
    actions_detail = ("decide", "ask_claimant", "ask_respondent", "compare")
    change_form_outer_before_template = "console/rulings.html"

    state_shown = state_column(STATES)
    wanted_shown = money_column(_("asked back"), field="wanted")

    def beside(self, request: HttpRequest, row: Dispute) -> dict[str, Any]:
        """The money of the order, and, for who may decide, each ruling with its reasons."""
        may = self.has_decide_permission(request, str(row.pk))
        return {**money_of(row.order, here=row), "rulings": _ruling_links(row) if may else ()}

    @column(_("order"))
    def title_shown(self, row: Dispute) -> str:
        return title_of(row.order)

    @column(_("ruling that stands"))
    def ruling_shown(self, row: Dispute) -> str:
        """With who made it: an appeal is for others."""
        ruling = row.ruling
        if ruling is None:
            return NOTHING
        words = ruling_words(ruling)
        return f"{words} ({ruling.proposed_by}, {ruling.decided_by})"

    @column(pgettext_lazy("dispute", "what was said"))
    def desk_shown(self, row: Dispute) -> SafeString:
        return render_to_string("console/dispute.html", {"shown": desk_of(row)})

    has_decide_permission = legal(DISPUTE, X.DECIDE, X.DECIDE_APPEAL)
    has_ask_permission = legal(DISPUTE, X.ASK_CLAIMANT)

    @act(_("Decide"), permission="decide", path="decide", icon="gavel", variant=PRIMARY)
    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row: Dispute = self.row(request, object_id)
        asked = request.GET.get("ruling", "") if request.method == "GET" else ""
        chosen, beside = _chosen(asked, row)
        return self.perform(
            request,
            object_id,
            lambda _dispute_id, *, actor, now, **said: propose(
                row.order.public_id, said, actor=actor, now=now
            ),
            partial(
                DecisionForm,
                dispute=row,
                initial={"amount": row.wanted if row.wanted_minor else None, **chosen},
            ),
            context=beside,
            title=_("Decide the dispute"),
            sentence=_decision_sentence(row),
            button=_("Show the split"),
            done=PROPOSED,
            preview=lambda form: preview(form, row.order),
        )

    @act(_("Ask who opened it"), permission="ask", path="ask-claimant", icon="help")
    def ask_claimant(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._ask(request, object_id, DisputeTurn.CLAIMANT)

    @act(_("Ask the other side"), permission="ask", path="ask-respondent", icon="help")
    def ask_respondent(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._ask(request, object_id, DisputeTurn.RESPONDENT)

    def has_compare_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        """Operators, where files were delivered."""
        row = Dispute.objects.filter(pk=row_id).select_related("order").first()
        may = row is not None and comparisons.can_compare(row.order)
        return may and self.has_act_permission(request)

    @act(_("Check the delivery"), permission="compare", path="compare", icon="rule")
    def compare(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row: Dispute = self.row(request, object_id)
        return self.perform(
            request,
            object_id,
            lambda _dispute_id, **asked: comparisons.ask(row.order.public_id, **asked),
            title=_("Check the delivery"),
            sentence=_("The delivered files are read again and held to what was promised."),
            button=_("Read them"),
        )

    def _ask(self, request: HttpRequest, object_id: str, whom: DisputeTurn) -> HttpResponse:
        row: Dispute = self.row(request, object_id)
        asked = row.claimant if whom is DisputeTurn.CLAIMANT else row.respondent
        return self.perform(
            request,
            object_id,
            partial(answers.ask, whom=whom),
            ReasonForm,
            title=_("Ask %(who)s") % {"who": asked.name},
            sentence=_("Both sides read the question. Who does not answer in time loses."),
            button=_("Ask"),
        )


def _decision_sentence(dispute: Dispute) -> str:
    """Which order is decided on, between whom, and over how much; what comes after it."""
    order = dispute.order
    after = (
        _("It decides the appeal and is final. Who took part in the first ruling takes none here.")
        if dispute.state == DisputeState.APPEALED
        else _("The sides can then appeal once; the money stays held until the ruling is final.")
    )
    said = str(
        _(
            "%(title)s (%(number)s): %(buyer)s bought it from %(seller)s for %(total)s. A second"
            " operator decides on what you propose."
        )
        % {
            "title": title_of(order),
            "number": order.public_id,
            "buyer": order.buyer.name,
            "seller": order.seller.name,
            "total": money_shown(order.total),
        }
    )
    return f"{said} {after}"
