"""Orders in the console: what waits for the exchange, refunds of what is not delivered, and rulings."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from exchange.catalog.lifecycle import RefundPolicy
from exchange.console.acts import ASKED
from exchange.console.chain import money_of
from exchange.console.disputes import PROPOSED, ruling_words
from exchange.console.marks import DANGER, PRIMARY, act, column
from exchange.console.sites import console
from exchange.console.tables import (
    ReadOnlyRows,
    ReadOnlyTable,
    first,
    legal,
    state_column,
    where,
)
from exchange.core.fields import (
    REASON_CHARS_MIN,
    AmountField,
    FullReasonForm,
    MoneyForm,
    ReasonForm,
    text_field,
)
from exchange.core.formatting import NOTHING, money_shown
from exchange.delivery.fetching import tables_fetched
from exchange.disputes import appeals
from exchange.disputes.lifecycle import DisputeTransition
from exchange.disputes.queries import running_dispute
from exchange.disputes.splits import SplitView, split_view
from exchange.journeys import delivery, disputes, refunds
from exchange.orders import discount_tiers, rulings
from exchange.orders.lifecycle import (
    ORDER,
    Decision,
    OrderState,
    OrderTransition,
    PriceGround,
    Turn,
)
from exchange.orders.models import Certificate, Order, OrderStep, PriceReason, Ruling
from exchange.orders.queries import total_shown
from exchange.payments import order_refunds
from exchange.payments.lifecycle import Bearer
from pricing.money import Money

STATES = {
    OrderState.CREATED.value: "warning",
    OrderState.CONTRACT_SIGNED.value: "warning",
    OrderState.DELIVERING.value: "danger",
    OrderState.DELIVERED.value: "info",
    OrderState.OBJECTED.value: "danger",
    OrderState.CLOSED.value: "success",
}


class FullRefundForm(FullReasonForm):
    reason_code = forms.ChoiceField(
        label=_("Kind of reason"),
        choices=[
            ("", _("Choose")),
            *((one.value, one.label) for one in rulings.GROUNDS[OrderTransition.REFUND]),
        ],
    )
    field_order = ("reason_code", "reason")


class RefundForm(MoneyForm):
    amount = AmountField(label=_("Goes back to the buyer"), help_text=_("With tax."))
    bearer = forms.TypedChoiceField(
        label=_("Borne by"),
        choices=Bearer.choices,
        coerce=Bearer,
        help_text=_(
            "What the seller bears lowers the price, with its tax and its fee. What the exchange"
            " bears is goodwill out of its own money."
        ),
    )
    reason = text_field(
        _("Reason"), chars_min=REASON_CHARS_MIN, chars_max=500, help_text=_("The buyer reads this.")
    )


class PriceReasonForm(ReasonForm):
    ground = forms.TypedChoiceField(
        label=_("Ground"), choices=PriceGround.choices, coerce=PriceGround
    )
    field_order = ("ground", "reason")


class Steps(ReadOnlyRows):
    model = OrderStep
    fields = (
        "at", "transition", "source", "target", "actor", "approved_by", "reason_code", "reason",
    )  # fmt: skip
    fk_name = "order"

    related = ("approved_by", "order")
    ordering = ("-number",)


@admin.register(Order, site=console)
class OrderTable(ReadOnlyTable):
    """The most urgent of the exchange's turn first."""

    when_empty = _(
        "Buyers place orders in the catalogue. List a product first, so that there is something to buy."
    )
    summed = "total_minor"
    list_display = (
        "public_id", "title", "state_shown", "turn", "due_at", "buyer", "seller", "total_shown",
        "created_at",
    )  # fmt: skip
    list_filter = ("turn", "state")
    list_select_related = ("buyer", "seller")
    member_fields = ("buyer", "seller")
    search_fields = ("public_id__exact", "title__istartswith", "buyer__name__istartswith")
    search_help_text = _("Public id, beginning of the title or of the buyer's name")
    ordering = (first(turn=Turn.OPERATOR), F("due_at").asc(nulls_last=True), "-pk")
    fields = (
        "title", "public_id", "page_shown", "state", "turn", "due_at", "buyer", "seller",
        "total_shown", "payment_method", "refund_policy_shown", "fetched_shown", "terms_hash",
        "inspection_ends_at", "created_at",
    )  # fmt: skip
    inlines = (Steps,)
    actions_detail = ("refund", "refund_part", "deliver_again", "price_reason")

    state_shown = state_column(STATES)

    def beside(self, _request: HttpRequest, row: Order) -> dict[str, Any]:
        return money_of(row, here=row)

    @column(_("total"), order="total_minor")
    def total_shown(self, row: Order) -> str:
        return total_shown(row)

    @column(_("the trade's page"))
    def page_shown(self, row: Order) -> SafeString:
        address = reverse("web:order", args=[row.public_id])
        return format_html('<a href="{}">{}</a>', address, row.public_id)

    @column(_("refund policy"))
    def refund_policy_shown(self, row: Order) -> str:
        """As it was frozen: what a ruling goes by."""
        return str(RefundPolicy(row.terms["refund_policy"]).label)

    @column(_("tables downloaded"))
    def fetched_shown(self, row: Order) -> str:
        number = tables_fetched(row)
        return str(number or _("Nothing yet"))

    # What is disputed is decided at the dispute.
    has_refund_permission = where(state__in=[OrderState.ESCROWED, OrderState.DELIVERING])
    has_deliver_again_permission = legal(ORDER, OrderTransition.DELAY)

    @act(_("Refund in full"), permission="refund", path="refund", icon="undo", variant=DANGER)
    def refund(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.row(request, object_id)
        return self.perform(
            request, object_id, partial(disputes.rule_on, transition=OrderTransition.REFUND),
            FullRefundForm,
            title=_("Refund in full"),
            sentence=_(
                "%(title)s: %(buyer)s gets %(total)s back and loses the access, once a second"
                " operator approves."
            )
            % {"title": row.title, "buyer": row.buyer.name, "total": money_shown(row.total)},
            done=PROPOSED,
        )  # fmt: skip

    def has_refund_part_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        row = Order.objects.filter(pk=row_id).first()
        may = row is not None and order_refunds.refundable(row).minor > 0
        return may and self.has_act_permission(request)

    @act(
        _("Refund an amount"), permission="refund_part", path="refund-part",
        icon="currency_exchange",
    )  # fmt: skip
    def refund_part(self, request: HttpRequest, object_id: str) -> HttpResponse:
        order = self.row(request, object_id)
        left = order_refunds.refundable(order)
        return self.perform(
            request, object_id, refunds.ask,
            partial(RefundForm, currency=order.currency, initial={"amount": left}),
            title=_("Refund an amount"),
            sentence=format_lazy(
                _("At most {amount} can be refunded. Once a second person of finance approves, it is on its way."),
                amount=money_shown(left),
            ),
            button=_("Ask for the refund"),
            done=ASKED,
        )  # fmt: skip

    @act(
        _("Deliver again"), permission="deliver_again", path="deliver-again", icon="local_shipping"
    )
    def deliver_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, delivery.deliver_again,
            title=_("Deliver again"),
            sentence=_("The delivery that was held up is tried once more."),
        )  # fmt: skip

    @act(_("Record why the price differs"), path="price-reason", icon="balance")
    def price_reason(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, _record_reason, PriceReasonForm,
            title=_("Record why the price differs"),
            sentence=_("The order is then not compared with others of its scope any more."),
            button=_("Record"),
        )  # fmt: skip


def _record_reason(order_id: str, *, reason: str, **asked: Any) -> PriceReason:
    return discount_tiers.record_reason(order_id, words=reason, **asked)


@admin.register(Ruling, site=console)
class RulingTable(ReadOnlyTable):
    """Rulings on orders; the open ones wait for a second operator."""

    when_empty = _("Propose a ruling at a dispute; a second operator then decides it here.")
    list_display = ("order", "transition", "decision", "proposed_by", "proposed_at", "decided_by")
    list_filter = ("decision", "transition")
    list_select_related = ("order", "proposed_by", "decided_by")
    ordering = ("-pk",)
    fields = (
        "order", "transition", "refund_shown", "ends_access", "reason_code", "reason", "decision", "proposed_by",
        "proposed_at", "decided_by", "decided_at",
    )  # fmt: skip
    actions_detail = ("approve", "decline")

    def beside(self, _request: HttpRequest, row: Ruling) -> dict[str, Any]:
        return money_of(row.order, here=row)

    @column(_("refund of a part"))
    def refund_shown(self, row: Ruling) -> str:
        return NOTHING if row.refund is None else money_shown(row.refund)

    has_decide_permission = where(decision=Decision.OPEN)

    @act(_("Approve"), permission="decide", path="approve", icon="check", variant=PRIMARY)
    def approve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.row(request, object_id)
        return self.perform(
            request, object_id, disputes.approve,
            title=_("Approve"),
            sentence=_approval_sentence(row),
            context={"split": _split(row)},
        )  # fmt: skip

    @act(_("Decline"), permission="decide", path="decline", icon="close", variant=DANGER)
    def decline(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, rulings.decline,
            title=_("Decline"),
            sentence=_("The order stays as it is; another ruling may be proposed."),
        )  # fmt: skip


def _approval_sentence(ruling: Ruling) -> str:
    """What is approved, and when it is carried out."""
    dispute = running_dispute(ruling.order)
    is_first = dispute is not None and appeals.decision_of(dispute) == DisputeTransition.DECIDE
    sentence = (
        _(
            "%(what)s: %(title)s. It is carried out once the sides have accepted it or not appealed in time."
        )
        if is_first
        else _("%(what)s: %(title)s. It is carried out at once.")
    )
    told = {"what": ruling_words(ruling), "title": ruling.order.title}
    return str(sentence % told)


def _split(ruling: Ruling) -> SplitView:
    """What the ruling would do to the money."""
    order = ruling.order
    is_refund = ruling.transition == OrderTransition.REFUND
    back = order_refunds.refundable(order) if is_refund else Money(0, order.currency)
    return split_view(order, ruling.refund or back)


@admin.register(Certificate, site=console)
class CertificateTable(ReadOnlyTable):
    """Trading certificates, newest first."""

    when_empty = _("A trading certificate is issued when an order is closed.")
    list_display = ("number", "order", "issued_at")
    list_select_related = ("order",)
    search_fields = ("number__exact", "order__public_id__exact")
    search_help_text = _("Number, or public id of the order")
    ordering = ("-pk",)
    fields = ("number", "order", "document_hash", "record_id", "issued_at")

    def beside(self, _request: HttpRequest, row: Certificate) -> dict[str, Any]:
        return money_of(row.order, here=row)
