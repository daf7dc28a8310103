"""Buying over the API. Reading is for keys with `orders:read`; binding an organisation is for people."""

from http import HTTPStatus
from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from exchange.api.accounts import Listing
from exchange.api.callers import policy_actor
from exchange.api.idempotency import idempotent
from exchange.api.orders_shapes import (
    MessageShape,
    MessageWish,
    OptionalReasonWish,
    OrderReasonWish,
    OrderShape,
    OrderWish,
    RenewalWish,
    TermsShape,
    WholeOrderShape,
)
from exchange.api.pagination import KeysetPagination
from exchange.journeys import acceptance, checkout
from exchange.members import policy
from exchange.members.actors import Subject, organisation_of
from exchange.members.permissions import SCOPE_ORDERS, Permission
from exchange.orders import conversation, performance, placing, subscriptions
from exchange.orders.lifecycle import PaymentMethod
from exchange.orders.models import Order
from exchange.orders.placing import CheckoutRequest
from exchange.orders.queries import Side, order_seen_by, orders_of
from exchange.orders.terms import terms_hash

READ = {"GET": SCOPE_ORDERS}
SIDE = OpenApiParameter(
    "side",
    OpenApiTypes.STR,
    enum=[Side.BUYER.value, Side.SELLER.value],
    description="One side only.",
)


class TermsView(GenericAPIView[Any]):
    """What an offer costs the caller's organisation now, and on which terms."""

    serializer_class = TermsShape

    @extend_schema(operation_id="offer_terms")
    def get(self, request: Request, offer_id: str) -> Response:
        terms = checkout.terms_now(
            actor=policy_actor(request), offer_id=offer_id, now=timezone.now()
        )
        methods = checkout.ways_to_pay(total_minor=terms["price"]["total_minor"])
        shown = {"terms": terms, "terms_hash": terms_hash(terms), "payment_methods": methods}
        return Response(TermsShape(shown).data)


class OrdersView(Listing):
    """The organisation's orders, newest first, and placing one."""

    serializer_class = OrderShape
    pagination_class = KeysetPagination.ordered("-pk")
    scopes = READ

    @extend_schema(operation_id="orders", responses=OrderShape(many=True), parameters=[SIDE])
    def get(self, request: Request) -> Response:
        actor = policy_actor(request)
        mine = organisation_of(actor)
        policy.require(actor, Permission.ORDER_SEE, Subject(organisation_id=mine))
        chosen = request.query_params.get("side", "")
        side = Side(chosen) if chosen in (Side.BUYER, Side.SELLER) else None
        return self.page_of(orders_of(mine, side=side).order_by("-pk"))

    @extend_schema(operation_id="order_place", request=OrderWish, responses={201: OrderShape})
    @idempotent()
    def post(self, request: Request) -> Response:
        said = _said(OrderWish, request)
        wish = CheckoutRequest(
            offer_id=said["offer"],
            terms_hash=said["terms_hash"],
            method=PaymentMethod(said["payment_method"]),
            po_number=said["po_number"],
            auto_renew=said["auto_renew"],
            seen=said["terms"] if isinstance(said["terms"], dict) else None,
        )
        order = checkout.checkout(wish, actor=policy_actor(request), now=timezone.now())
        return Response(OrderShape(order).data, status=HTTPStatus.CREATED)


class OrderView(GenericAPIView[Any]):
    """One order with its frozen terms and its steps."""

    serializer_class = WholeOrderShape
    scopes = READ

    @extend_schema(operation_id="order")
    def get(self, request: Request, order_id: str) -> Response:
        order = order_seen_by(policy_actor(request), order_id)
        return Response(WholeOrderShape(order).data)


class OrderAct(GenericAPIView[Any]):
    """Something that is done to an order and answers with it."""

    serializer_class = OrderShape

    def answer(self, order: Order) -> Response:
        return Response(OrderShape(order).data)


class ConfirmView(OrderAct):
    """Confirming an order above the limit, as a second person."""

    @extend_schema(operation_id="order_confirm", request=None)
    @idempotent()
    def post(self, request: Request, order_id: str) -> Response:
        actor = policy_actor(request)
        return self.answer(checkout.confirm(order_id, actor=actor, now=timezone.now()))


class DeclineView(OrderAct):
    """Declining an order above the limit, as a second person."""

    @extend_schema(operation_id="order_decline", request=OrderReasonWish)
    @idempotent()
    def post(self, request: Request, order_id: str) -> Response:
        actor, reason = policy_actor(request), _said(OrderReasonWish, request)["reason"]
        return self.answer(
            placing.decline(order_id, actor=actor, reason=reason, now=timezone.now())
        )


class CancelView(OrderAct):
    """Cancelling an order before it is paid."""

    @extend_schema(operation_id="order_cancel", request=OptionalReasonWish)
    @idempotent()
    def post(self, request: Request, order_id: str) -> Response:
        actor, reason = policy_actor(request), _said(OptionalReasonWish, request)["reason"]
        return self.answer(placing.cancel(order_id, actor=actor, reason=reason, now=timezone.now()))


class AcceptView(OrderAct):
    """Accepting a delivery: the trade is settled, invoiced and certified."""

    @extend_schema(operation_id="order_accept", request=None)
    @idempotent()
    def post(self, request: Request, order_id: str) -> Response:
        actor = policy_actor(request)
        return self.answer(acceptance.accept(order_id, actor=actor, now=timezone.now()))


class ObjectView(OrderAct):
    """Objecting to a delivery within the inspection time."""

    @extend_schema(operation_id="order_object", request=OrderReasonWish)
    @idempotent()
    def post(self, request: Request, order_id: str) -> Response:
        actor, reason = policy_actor(request), _said(OrderReasonWish, request)["reason"]
        return self.answer(
            performance.object_to(order_id, actor=actor, reason=reason, now=timezone.now())
        )


class RenewalView(OrderAct):
    """Letting a subscription renew by itself, or end with the period paid for."""

    @extend_schema(operation_id="order_renewal", request=RenewalWish)
    @idempotent()
    def post(self, request: Request, order_id: str) -> Response:
        wanted = _said(RenewalWish, request)["auto_renew"]
        subscription = subscriptions.set_auto_renew(
            order_id, actor=policy_actor(request), wanted=wanted, now=timezone.now()
        )
        return self.answer(subscription.latest)


class MessagesView(Listing):
    """The messages of an order, oldest first, and writing one."""

    serializer_class = MessageShape
    pagination_class = KeysetPagination.ordered("pk")
    scopes = READ

    @extend_schema(operation_id="order_messages", responses=MessageShape(many=True))
    def get(self, request: Request, order_id: str) -> Response:
        order = order_seen_by(policy_actor(request), order_id)
        return self.page_of(order.messages.select_related("organisation").order_by("pk"))

    @extend_schema(
        operation_id="order_message_write", request=MessageWish, responses={201: MessageShape}
    )
    @idempotent()
    def post(self, request: Request, order_id: str) -> Response:
        message = conversation.write(
            order_id,
            actor=policy_actor(request),
            text=_said(MessageWish, request)["text"],
            now=timezone.now(),
        )
        return Response(MessageShape(message).data, status=HTTPStatus.CREATED)


def _said(shape: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    wanted = shape(data=request.data)
    wanted.is_valid(raise_exception=True)
    return dict(wanted.validated_data)
