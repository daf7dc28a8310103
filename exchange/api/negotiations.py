"""Negotiations over the API: quotes, private offers, answers to requests, rounds, agreement."""

from http import HTTPStatus
from typing import Any, TypeVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from exchange.api.base import KeysetPagination, Listing
from exchange.api.callers import policy_actor
from exchange.api.idempotency import idempotent
from exchange.api.negotiation_shapes import (
    AcceptRequest,
    CounterRequest,
    EndRequest,
    NegotiationShape,
    OpeningRequest,
    ProposalShape,
)
from exchange.members import policy
from exchange.members.actors import Subject, organisation_of
from exchange.members.permissions import SCOPE_ORDERS, SCOPE_ORDERS_WRITE, Permission
from exchange.negotiation import deciding, rounds
from exchange.negotiation.models import Negotiation
from exchange.negotiation.queries import negotiation_seen_by, negotiations_of

READ = {"GET": SCOPE_ORDERS}
WRITE = {"POST": SCOPE_ORDERS_WRITE}
Shape = TypeVar("Shape", bound=serializers.Serializer[Any])


class NegotiationsView(Listing):
    """The organisation's negotiations, newest first, and opening one."""

    serializer_class = NegotiationShape
    pagination_class = KeysetPagination.ordered("-pk")
    scopes = {**READ, **WRITE}

    @extend_schema(operation_id="negotiations", responses=NegotiationShape(many=True))
    def get(self, request: Request) -> Response:
        actor = policy_actor(request)
        mine = organisation_of(actor)
        policy.require(actor, Permission.NEGOTIATION_SEE, Subject(organisation_id=mine))
        return self.page_of(negotiations_of(mine))

    @extend_schema(
        operation_id="negotiation_open", request=OpeningRequest, responses={201: NegotiationShape}
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        wanted = _valid(OpeningRequest(data=request.data))
        said, spoken = wanted.validated_data, wanted.spoken()
        common: dict[str, Any] = {
            "actor": policy_actor(request),
            "product_id": said["product"],
            "spoken": spoken,
            "now": timezone.now(),
        }
        if said["demand"]:
            opened = rounds.answer_demand(demand_id=said["demand"], **common)
        elif said["buyer"]:
            opened = rounds.offer_privately(buyer_id=said["buyer"], **common)
        else:
            opened = rounds.ask(**common)
        return Response(_shown(opened), status=HTTPStatus.CREATED)


class NegotiationView(GenericAPIView[Any]):
    """One negotiation."""

    serializer_class = NegotiationShape
    scopes = READ

    @extend_schema(operation_id="negotiation")
    def get(self, request: Request, negotiation_id: str) -> Response:
        found = negotiation_seen_by(policy_actor(request), negotiation_id)
        return Response(NegotiationShape(found).data)


class ProposalsView(Listing):
    """The rounds of a negotiation, the newest first."""

    serializer_class = ProposalShape
    pagination_class = KeysetPagination.ordered("-pk")
    scopes = READ

    @extend_schema(operation_id="negotiation_proposals", responses=ProposalShape(many=True))
    def get(self, request: Request, negotiation_id: str) -> Response:
        found = negotiation_seen_by(policy_actor(request), negotiation_id)
        return self.page_of(found.proposals.all())


class CounterView(GenericAPIView[Any]):
    """Answering the newest proposal with another one."""

    serializer_class = NegotiationShape
    scopes = WRITE

    @extend_schema(operation_id="negotiation_counter", request=CounterRequest)
    @idempotent()
    def post(self, request: Request, negotiation_id: str) -> Response:
        wanted = _valid(CounterRequest(data=request.data))
        found = rounds.counter(
            negotiation_id,
            actor=policy_actor(request),
            answers=wanted.validated_data["answers"],
            spoken=wanted.spoken(),
            now=timezone.now(),
        )
        return Response(_shown(found))


class AcceptView(GenericAPIView[Any]):
    """Accepting the newest proposal. The contract is then drawn up, for people to sign."""

    serializer_class = NegotiationShape
    scopes = WRITE

    @extend_schema(operation_id="negotiation_accept", request=AcceptRequest)
    @idempotent()
    def post(self, request: Request, negotiation_id: str) -> Response:
        wanted = _valid(AcceptRequest(data=request.data))
        found = deciding.accept(
            negotiation_id,
            actor=policy_actor(request),
            answers=wanted.validated_data["answers"],
            now=timezone.now(),
        )
        return Response(_shown(found))


class DeclineView(GenericAPIView[Any]):
    """Ending a negotiation, as the side whose turn it is, with a reason."""

    serializer_class = NegotiationShape
    scopes = WRITE

    @extend_schema(operation_id="negotiation_decline", request=EndRequest)
    @idempotent()
    def post(self, request: Request, negotiation_id: str) -> Response:
        wanted = _valid(EndRequest(data=request.data))
        found = deciding.decline(
            negotiation_id,
            actor=policy_actor(request),
            reason=wanted.validated_data["reason"],
            now=timezone.now(),
        )
        return Response(_shown(found))


class WithdrawView(GenericAPIView[Any]):
    """Taking the own proposal back before it is answered."""

    serializer_class = NegotiationShape
    scopes = WRITE

    @extend_schema(operation_id="negotiation_withdraw", request=EndRequest)
    @idempotent()
    def post(self, request: Request, negotiation_id: str) -> Response:
        wanted = _valid(EndRequest(data=request.data))
        found = deciding.withdraw(
            negotiation_id,
            actor=policy_actor(request),
            reason=wanted.validated_data["reason"],
            now=timezone.now(),
        )
        return Response(_shown(found))


def _valid(wanted: Shape) -> Shape:
    wanted.is_valid(raise_exception=True)
    return wanted


def _shown(negotiation: Negotiation) -> dict[str, Any]:
    rows = Negotiation.objects.select_related("buyer", "seller", "product", "demand", "contract")
    return dict(NegotiationShape(rows.get(pk=negotiation.pk)).data)
