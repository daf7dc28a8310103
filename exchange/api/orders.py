"""Buying over the API. Reading is for keys with `orders:read`; binding an organisation is for people."""

from datetime import date
from http import HTTPStatus
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from exchange.api.base import (
    KeysetPagination,
    Listing,
    OptionalReasonRequest,
    ReasonRequest,
    RowSerializer,
    act,
    sent,
)
from exchange.api.callers import acting_for, policy_actor
from exchange.api.fields import DayField, MinorField, ProvisionalField
from exchange.api.idempotency import idempotent
from exchange.core import clock
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.disputes import opening
from exchange.disputes.bill_lines import BillLine
from exchange.disputes.lifecycle import DisputeKind, Remedy
from exchange.journeys import acceptance, checkout
from exchange.members.actors import Actor
from exchange.members.permissions import SCOPE_ORDERS, Permission
from exchange.metering.models import METER_CHARS_MAX
from exchange.orders import conversation, placing, subscriptions
from exchange.orders.lifecycle import PaymentMethod
from exchange.orders.models import Order, OrderMessage, OrderStep
from exchange.orders.models.orders import HASH_CHARS, NUMBER_CHARS_MAX, TEXT_CHARS_MAX
from exchange.orders.placing import CheckoutRequest
from exchange.orders.queries import Side, order_seen_by, orders_of, side_of
from exchange.orders.terms import terms_hash
from pricing.money import Money

ID_CHARS_MAX = 40


class OrderSerializer(RowSerializer[Order]):
    """Who buys what from whom, and where the order stands. Amounts are whole minor units."""

    buyer = serializers.CharField(source="buyer.public_id", read_only=True)
    seller = serializers.CharField(source="seller.public_id", read_only=True)
    product = serializers.CharField(source="terms.product.id", read_only=True)
    offer = serializers.CharField(source="terms.offer.id", read_only=True)
    due_provisional = ProvisionalField()

    class Meta:
        model = Order
        fields = (
            "id", "buyer", "seller", "product", "offer", "title", "state", "turn", "due_at", "due_provisional",
            "terms_hash", "currency", "net_minor", "tax_minor", "total_minor", "payment_method",
            "po_number", "needs_second", "inspection_ends_at", "period_from",
            "period_until", "created_at", "version",
        )  # fmt: skip


class OrderStepSerializer(RowSerializer[OrderStep]):
    """One step of an order. The actor is told apart by its kind only."""

    by = serializers.SerializerMethodField()

    class Meta:
        model = OrderStep
        fields = ("number", "transition", "source", "target", "by", "reason_code", "reason", "at")

    def get_by(self, step: OrderStep) -> str:
        return step.actor.partition(":")[0]


class WholeOrderSerializer(OrderSerializer):
    """An order with its frozen terms and its steps. `obstacle` says why it cannot be confirmed or paid
    now although it waits for that: the standing of a party, which the exchange alone lifts."""

    obstacle = serializers.SerializerMethodField()
    terms = serializers.JSONField(read_only=True)
    renews = serializers.CharField(source="renews.public_id", allow_null=True, default=None)
    steps = OrderStepSerializer(many=True, read_only=True)

    class Meta:
        model = Order
        fields = (*OrderSerializer.Meta.fields, "obstacle", "renews", "terms", "steps")

    def get_obstacle(self, order: Order) -> str:
        return placing.obstacle(order)


class MessageSerializer(RowSerializer[OrderMessage]):
    """A message that buyer, seller and the exchange read."""

    organisation = serializers.CharField(source="organisation.public_id", read_only=True)

    class Meta:
        model = OrderMessage
        fields = ("id", "organisation", "text", "at")


class TermsSerializer(serializers.Serializer[Any]):
    """The terms on which an offer can be bought now: send their hash with the order."""

    terms_hash = serializers.CharField()
    currency = serializers.CharField(source="terms.price.currency")
    net_minor = MinorField(source="terms.price.net_minor")
    tax_minor = MinorField(source="terms.price.tax_minor")
    total_minor = MinorField(source="terms.price.total_minor")
    payment_methods = serializers.ListField(child=serializers.ChoiceField(PaymentMethod.choices))
    terms = serializers.JSONField()


class OrderRequestSerializer(serializers.Serializer[Any]):
    """An order. `terms`, as they were read, are only used to say what has changed since."""

    offer = serializers.CharField(max_length=ID_CHARS_MAX)
    terms_hash = serializers.CharField(max_length=HASH_CHARS)
    terms = serializers.JSONField(required=False, default=None)
    payment_method = serializers.ChoiceField(
        choices=PaymentMethod.choices, default=PaymentMethod.NONE
    )
    po_number = serializers.CharField(
        max_length=NUMBER_CHARS_MAX, required=False, default="", allow_blank=True
    )
    auto_renew = serializers.BooleanField(default=True)


class DisputeRequestSerializer(serializers.Serializer[Any]):
    """What is wrong, and what is asked for; an amount with a refund of a part, which a buyer asks for,
    and day and meter of the line of a bill of use that is disputed."""

    kind = serializers.ChoiceField(
        choices=DisputeKind.choices, default=DisputeKind.NOT_AS_DESCRIBED
    )
    reason = serializers.CharField(max_length=REASON_CHARS_MAX)
    remedy = serializers.ChoiceField(choices=Remedy.choices, default=Remedy.REFUND)
    wanted_minor = MinorField(required=False, allow_null=True, default=None)
    line_day = DayField(required=False, allow_null=True, default=None)
    line_meter = serializers.CharField(
        max_length=METER_CHARS_MAX, required=False, allow_blank=True, default=""
    )


class MessageRequestSerializer(serializers.Serializer[Any]):
    """What to write."""

    text = serializers.CharField(max_length=TEXT_CHARS_MAX)


class RenewalRequestSerializer(serializers.Serializer[Any]):
    """Whether the subscription renews by itself."""

    auto_renew = serializers.BooleanField()


READ = {"GET": SCOPE_ORDERS}
SIDE = OpenApiParameter(
    "side",
    OpenApiTypes.STR,
    enum=[Side.BUYER.value, Side.SELLER.value],
    description="One side only.",
)


class TermsView(GenericAPIView[Any]):
    """What an offer costs the caller's organisation now, and on which terms."""

    serializer_class = TermsSerializer

    @extend_schema(operation_id="offer_terms")
    def get(self, request: Request, offer_id: str) -> Response:
        terms = checkout.terms_now(actor=policy_actor(request), offer_id=offer_id, now=clock.now())
        methods = checkout.ways_to_pay(total_minor=terms["price"]["total_minor"])
        shown = {"terms": terms, "terms_hash": terms_hash(terms), "payment_methods": methods}
        return Response(TermsSerializer(shown).data)


class OrdersView(Listing):
    """The organisation's orders, newest first, and placing one."""

    serializer_class = OrderSerializer
    scopes = READ

    @extend_schema(operation_id="orders", responses=OrderSerializer(many=True), parameters=[SIDE])
    def get(self, request: Request) -> Response:
        mine = acting_for(request, Permission.ORDER_SEE)
        chosen = request.query_params.get("side", "")
        side = Side(chosen) if chosen in (Side.BUYER, Side.SELLER) else None
        return self.page_of(orders_of(mine, side=side).order_by("-pk"))

    @extend_schema(
        operation_id="order_place", request=OrderRequestSerializer, responses={201: OrderSerializer}
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        said = sent(OrderRequestSerializer, request)
        command = CheckoutRequest(
            offer_id=said["offer"],
            terms_hash=said["terms_hash"],
            method=PaymentMethod(said["payment_method"]),
            po_number=said["po_number"],
            auto_renew=said["auto_renew"],
            seen=said["terms"] if isinstance(said["terms"], dict) else None,
        )
        order = checkout.checkout(command, actor=policy_actor(request), now=clock.now())
        return Response(OrderSerializer(order).data, status=HTTPStatus.CREATED)


class OrderView(GenericAPIView[Any]):
    """One order with its frozen terms and its steps."""

    serializer_class = WholeOrderSerializer
    scopes = READ

    @extend_schema(operation_id="order")
    def get(self, request: Request, order_id: str) -> Response:
        order = order_seen_by(policy_actor(request), order_id)
        return Response(WholeOrderSerializer(order).data)


def _renew(order_id: str, *, auto_renew: bool, **asked: Any) -> Order:
    return subscriptions.set_auto_renew(order_id, wanted=auto_renew, **asked).latest


def _object(
    order_id: str,
    *,
    wanted_minor: int | None,
    line_day: date | None,
    line_meter: str,
    actor: Actor,
    **asked: Any,
) -> Order:
    order = order_seen_by(actor, order_id)
    wanted = None if wanted_minor is None else Money(wanted_minor, order.currency)
    is_sellers = side_of(order, actor) is Side.SELLER
    if line_day is not None and not is_sellers:
        asked["line"] = BillLine(line_day, line_meter)
    opens = opening.open_claim if is_sellers else opening.open_dispute
    return opens(order_id, wanted=wanted, actor=actor, **asked).order


ConfirmView = act(
    checkout.confirm, OrderSerializer,
    operation_id="order_confirm",
    about="Confirming an order above the limit, as a second person.",
)  # fmt: skip
DeclineView = act(
    placing.decline, OrderSerializer, ReasonRequest,
    operation_id="order_decline",
    about="Declining an order above the limit, as a second person.",
)  # fmt: skip
CancelView = act(
    placing.cancel, OrderSerializer, OptionalReasonRequest,
    operation_id="order_cancel",
    about="Cancelling an order before it is paid.",
)  # fmt: skip
AcceptView = act(
    acceptance.accept, OrderSerializer,
    operation_id="order_accept",
    about="Accepting a delivery: the trade is settled, invoiced and certified.",
)  # fmt: skip
ObjectView = act(
    _object, OrderSerializer, DisputeRequestSerializer,
    operation_id="order_object",
    about="Opening a dispute: as the buyer over a delivery within the inspection time, or over a closed order in the"
    " time to complain; as the seller over a closed order, for misuse of the data or rights that are challenged.",
)  # fmt: skip
RenewalView = act(
    _renew, OrderSerializer, RenewalRequestSerializer,
    operation_id="order_renewal",
    about="Letting a subscription renew by itself, or end with the period paid for.",
)  # fmt: skip


class MessagesView(Listing):
    """The messages of an order, oldest first, and writing one."""

    serializer_class = MessageSerializer
    pagination_class = KeysetPagination.ordered("pk")
    scopes = READ

    @extend_schema(operation_id="order_messages", responses=MessageSerializer(many=True))
    def get(self, request: Request, order_id: str) -> Response:
        order = order_seen_by(policy_actor(request), order_id)
        return self.page_of(order.messages.select_related("organisation").order_by("pk"))

    @extend_schema(
        operation_id="order_message_write",
        request=MessageRequestSerializer,
        responses={201: MessageSerializer},
    )
    @idempotent()
    def post(self, request: Request, order_id: str) -> Response:
        message = conversation.write(
            order_id,
            actor=policy_actor(request),
            text=sent(MessageRequestSerializer, request)["text"],
            now=clock.now(),
        )
        return Response(MessageSerializer(message).data, status=HTTPStatus.CREATED)
