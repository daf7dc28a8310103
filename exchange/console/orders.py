"""Orders in the console: what waits for the exchange, and the two rulings on an objection."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from exchange.catalog.lifecycle import RefundPolicy
from exchange.console.access import actor_of
from exchange.console.acts import ReasonForm, perform_on_post, select
from exchange.console.marks import DANGER, PRIMARY, act, column
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyRows, ReadOnlyTable
from exchange.core.formatting import money_shown
from exchange.delivery.fetching import tables_fetched
from exchange.journeys import delivery, disputes
from exchange.orders import discount_tiers, rulings
from exchange.orders.lifecycle import (
    ORDER,
    Decision,
    OrderState,
    OrderTransition,
    PriceGround,
    RulingReason,
)
from exchange.orders.models import Certificate, Order, OrderStep, Ruling

STATES = {
    OrderState.CREATED.value: "warning",
    OrderState.CONTRACT_SIGNED.value: "warning",
    OrderState.DELIVERING.value: "danger",
    OrderState.DELIVERED.value: "info",
    OrderState.OBJECTED.value: "danger",
    OrderState.CLOSED.value: "success",
}


class RulingForm(ReasonForm):
    reason_code = forms.ChoiceField(
        label=_("Kind of reason"), choices=RulingReason.choices, widget=select()
    )
    field_order = ("reason_code", "reason")


class PriceReasonForm(ReasonForm):
    ground = forms.ChoiceField(label=_("Ground"), choices=PriceGround.choices, widget=select())
    field_order = ("ground", "reason")


class EmptyForm(forms.Form):
    """Nothing to fill in."""


class Steps(ReadOnlyRows):
    model = OrderStep
    fields = (
        "at", "transition", "source", "target", "actor", "approved_by", "reason_code", "reason",
    )  # fmt: skip
    fk_name = "order"

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderStep]:
        rows: QuerySet[OrderStep] = super().get_queryset(request)
        return rows.select_related("by", "approved_by", "order").order_by("-number")


@admin.register(Order, site=console)
class OrderTable(ReadOnlyTable):
    """The most urgent of the exchange's turn first."""

    list_display = ("title", "state_shown", "turn", "due_at", "buyer", "seller", "total_shown")
    list_filter = ("turn", "state")
    list_select_related = ("buyer", "seller")
    search_fields = ("public_id__exact", "title__istartswith", "buyer__name__istartswith")
    search_help_text = _("Public id, beginning of the title or of the buyer's name")
    ordering = (F("due_at").asc(nulls_last=True), "-pk")
    fields = (
        "title", "public_id", "page_shown", "state", "turn", "due_at", "buyer", "seller",
        "total_shown", "payment_method", "refund_policy_shown", "fetched_shown", "terms_hash",
        "inspection_ends_at", "created_at",
    )  # fmt: skip
    inlines = (Steps,)
    actions_detail = ("release", "refund", "deliver_again", "price_reason")

    @column(_("state"), labels=STATES)
    def state_shown(self, row: Order) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @column(_("total"))
    def total_shown(self, row: Order) -> str:
        return money_shown(row.total)

    @column(_("the trade's page"))
    def page_shown(self, row: Order) -> SafeString:
        address = reverse("web:order", args=[row.public_id])
        return format_html('<a href="{}">{}</a>', address, row.public_id)

    def has_release_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        return self._legal(request, row_id, OrderTransition.RELEASE)

    @column(_("refund policy"))
    def refund_policy_shown(self, row: Order) -> str:
        """As it was frozen: what a ruling goes by."""
        return str(RefundPolicy(row.terms["refund_policy"]).label)

    @column(_("tables downloaded"))
    def fetched_shown(self, row: Order) -> str:
        number = tables_fetched(row)
        return str(number or _("Nothing yet"))

    def has_refund_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        return self._legal(request, row_id, OrderTransition.REFUND)

    def has_deliver_again_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        return self._legal(request, row_id, OrderTransition.DELAY)

    def _legal(self, request: HttpRequest, row_id: str, move: OrderTransition) -> bool:
        order = Order.objects.filter(pk=row_id).first()
        return self.has_act_permission(request) and order is not None and ORDER.may(order, move)

    @act(
        _("Release the money"),
        permission="release",
        path="release",
        icon="payments",
        variant=PRIMARY,
    )
    def release(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._rule(request, object_id, OrderTransition.RELEASE)

    @act(_("Refund in full"), permission="refund", path="refund", icon="undo", variant=DANGER)
    def refund(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._rule(request, object_id, OrderTransition.REFUND)

    @act(
        _("Deliver again"), permission="deliver_again", path="deliver-again", icon="local_shipping"
    )
    def deliver_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self._order(request, object_id)
        return perform_on_post(
            request,
            site=self.admin_site,
            form=EmptyForm(request.POST or None),
            perform=lambda _said: delivery.deliver_again(
                row.public_id, actor=actor_of(request), now=timezone.now()
            ),
            title=_("Deliver again"),
            sentence=_("The delivery that was held up is tried once more."),
            button=_("Deliver again"),
            done=_("Done and recorded."),
            back=reverse("console:orders_order_change", args=[row.pk]),
        )

    @act(_("Record why the price differs"), path="price-reason", icon="balance")
    def price_reason(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self._order(request, object_id)
        return perform_on_post(
            request,
            site=self.admin_site,
            form=PriceReasonForm(request.POST or None),
            perform=lambda said: discount_tiers.record_reason(
                row.public_id,
                actor=actor_of(request),
                ground=PriceGround(said["ground"]),
                words=said["reason"],
                now=timezone.now(),
            ),
            title=_("Record why the price differs"),
            sentence=_("The order is then not compared with others of its scope any more."),
            button=_("Record"),
            done=_("Done and recorded."),
            back=reverse("console:orders_order_change", args=[row.pk]),
        )

    def _rule(self, request: HttpRequest, object_id: str, move: OrderTransition) -> HttpResponse:
        row, now = self._order(request, object_id), timezone.now()
        release = move is OrderTransition.RELEASE
        sentence = (
            _("The seller is paid and the trade closed.")
            if release
            else _("The buyer gets everything back and loses the access.")
        )
        if rulings.takes_two(row, now=now):
            sentence = _("For an order of this size a second operator must approve this.")
        return perform_on_post(
            request,
            site=self.admin_site,
            form=RulingForm(request.POST or None),
            perform=lambda said: self._carry_out(request, row, move, said, now),
            title=_("Release the money") if release else _("Refund in full"),
            sentence=sentence,
            button=_("Release the money") if release else _("Refund in full"),
            done=_("Done and recorded."),
            back=reverse("console:orders_order_change", args=[row.pk]),
        )

    def _carry_out(
        self,
        request: HttpRequest,
        row: Order,
        move: OrderTransition,
        said: dict[str, Any],
        now: datetime,
    ) -> Order:
        return disputes.rule_on(
            row.public_id,
            actor=actor_of(request),
            transition=move,
            reason_code=said["reason_code"],
            reason=said["reason"],
            now=now,
        )

    def _order(self, request: HttpRequest, object_id: str) -> Order:
        row: Order | None = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return row


@admin.register(Ruling, site=console)
class RulingTable(ReadOnlyTable):
    """Rulings on large orders; the open ones wait for a second operator."""

    list_display = ("order", "transition", "decision", "proposed_by", "proposed_at", "decided_by")
    list_filter = ("decision", "transition")
    list_select_related = ("order", "proposed_by", "decided_by")
    ordering = ("-pk",)
    fields = (
        "order", "transition", "reason_code", "reason", "decision", "proposed_by", "proposed_at",
        "decided_by", "decided_at",
    )  # fmt: skip
    actions_detail = ("approve", "decline")

    def has_decide_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        found = Ruling.objects.filter(pk=row_id, decision=Decision.OPEN)
        return self.has_act_permission(request) and found.exists()

    @act(_("Approve"), permission="decide", path="approve", icon="check", variant=PRIMARY)
    def approve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(request, object_id, approve=True)

    @act(_("Decline"), permission="decide", path="decline", icon="close", variant=DANGER)
    def decline(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(request, object_id, approve=False)

    def _decide(self, request: HttpRequest, object_id: str, *, approve: bool) -> HttpResponse:
        row: Ruling | None = self.get_object(request, object_id)
        if row is None:
            raise Http404
        flow = disputes.approve if approve else rulings.decline
        title = _("Approve") if approve else _("Decline")
        return perform_on_post(
            request,
            site=self.admin_site,
            form=EmptyForm(request.POST or None),
            perform=lambda _said: flow(row.public_id, actor=actor_of(request), now=timezone.now()),
            title=title,
            sentence=_("It is carried out at once.")
            if approve
            else _("The order stays as it is; another ruling may be proposed."),
            button=title,
            done=_("Done and recorded."),
            back=reverse("console:orders_ruling_change", args=[row.pk]),
        )


@admin.register(Certificate, site=console)
class CertificateTable(ReadOnlyTable):
    """Trading certificates, newest first."""

    list_display = ("number", "order", "issued_at")
    list_select_related = ("order",)
    search_fields = ("number__exact", "order__public_id__exact")
    search_help_text = _("Number, or public id of the order")
    ordering = ("-pk",)
    fields = ("number", "order", "document_hash", "record_id", "issued_at")
