"""Negotiations over the API: quotes, private offers, answers to requests, rounds, agreement."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from exchange.api.base import (
    Listing,
    OptionalReasonRequest,
    RowSerializer,
    act,
)
from exchange.api.callers import acting_for, policy_actor
from exchange.api.fields import MinorField, MomentField, ProvisionalField, WholeField
from exchange.api.idempotency import idempotent
from exchange.catalog.lifecycle import DealNature, Future, History, Period
from exchange.catalog.models.offers import ACCESS_DAYS_MAX, HISTORY_COUNT_MAX
from exchange.contracts.templates import PROVISION, template_codes
from exchange.core import clock
from exchange.members.permissions import SCOPE_ORDERS, SCOPE_ORDERS_WRITE, Permission
from exchange.negotiation import deciding, rounds
from exchange.negotiation.models import WORDS_CHARS_MAX, Negotiation, Proposal
from exchange.negotiation.queries import negotiation_seen_by, negotiations_of
from exchange.negotiation.rounds import Spoken
from exchange.negotiation.terms import (
    CALLS_DAYS_MAX,
    CALLS_MAX,
    ENVIRONMENTS,
    PERCENT,
    PURPOSE_CHARS_MAX,
    TERRITORY_CHARS_MAX,
    USES_MAX,
    Terms,
)
from pricing.money import CURRENCIES

ID_CHARS_MAX = 40
HASH_CHARS_MAX = 71
CODE_CHARS_MAX = 40
CODES_MAX = 40


class NegotiationSerializer(RowSerializer[Negotiation]):
    """A negotiation and whose turn it is: buyer, seller, both or nobody."""

    product = serializers.CharField(source="product.public_id", read_only=True)
    buyer = serializers.CharField(source="buyer.public_id", read_only=True)
    seller = serializers.CharField(source="seller.public_id", read_only=True)
    demand = serializers.CharField(source="demand.public_id", read_only=True, default="")
    contract = serializers.CharField(source="contract.public_id", read_only=True, default="")
    due_provisional = ProvisionalField()

    class Meta:
        model = Negotiation
        fields = (
            "id", "origin", "product", "buyer", "seller", "demand", "currency", "state", "turn",
            "due_at", "due_provisional", "proposals_count", "contract", "created_at", "changed_at",
        )  # fmt: skip


class ProposalSerializer(RowSerializer[Proposal]):
    """One round. `hash` is what an answer names; `document` holds the terms and words."""

    hash = serializers.CharField(source="document_hash", read_only=True)
    document = serializers.JSONField(read_only=True)
    changes = serializers.JSONField(read_only=True)

    class Meta:
        model = Proposal
        fields = ("number", "side", "hash", "document", "changes", "answer_by", "at")


class TermsRequest(serializers.Serializer[Any]):
    """What is proposed. The price is net, in whole minor units, per period where there is one; null
    asks the seller for it. The uses are those of the product's licence where none are named."""

    currency = serializers.ChoiceField(choices=sorted(CURRENCIES))
    price_minor = MinorField(allow_null=True, default=None)
    plan = serializers.JSONField(allow_null=True, default=None)
    period = serializers.ChoiceField(choices=Period.choices, default="", allow_blank=True)
    access_days = WholeField(min_value=1, max_value=ACCESS_DAYS_MAX, allow_null=True, default=None)
    history = serializers.ChoiceField(choices=History.choices, default=History.ALL.value)
    history_count = WholeField(
        min_value=1, max_value=HISTORY_COUNT_MAX, allow_null=True, default=None
    )
    future = serializers.ChoiceField(choices=Future.choices, default=Future.NONE.value)
    allowed = serializers.ListField(
        child=serializers.CharField(max_length=CODE_CHARS_MAX), max_length=CODES_MAX, default=list
    )
    forbidden = serializers.ListField(
        child=serializers.CharField(max_length=CODE_CHARS_MAX), max_length=CODES_MAX, default=list
    )
    nature = serializers.ChoiceField(choices=DealNature.choices, default=DealNature.LICENCE.value)
    template = serializers.ChoiceField(choices=sorted(template_codes()), default=PROVISION)
    purpose = serializers.CharField(max_length=PURPOSE_CHARS_MAX, default="", allow_blank=True)
    territory = serializers.CharField(max_length=TERRITORY_CHARS_MAX, default="", allow_blank=True)
    environment = serializers.ChoiceField(choices=ENVIRONMENTS, default="")
    uses_max = WholeField(min_value=1, max_value=USES_MAX, allow_null=True, default=None)
    seller_share_percent = WholeField(min_value=0, max_value=PERCENT, allow_null=True, default=None)
    calls_max = WholeField(min_value=2, max_value=CALLS_MAX, allow_null=True, default=None)
    calls_days = WholeField(min_value=1, max_value=CALLS_DAYS_MAX, allow_null=True, default=None)


class SpokenRequest(serializers.Serializer[Any]):
    """Terms, words to the other side, and until when they hold."""

    terms = TermsRequest()
    words = serializers.CharField(max_length=WORDS_CHARS_MAX, default="", allow_blank=True)
    valid_until = MomentField(allow_null=True, default=None)

    def spoken(self) -> Spoken:
        """What is said, once it is valid."""
        said = self.validated_data
        terms = {
            **said["terms"],
            "allowed": tuple(said["terms"]["allowed"]),
            "forbidden": tuple(said["terms"]["forbidden"]),
        }
        return Spoken(Terms(**terms), said["words"], said["valid_until"])


class OpeningRequest(SpokenRequest):
    """As a buyer: `product` alone asks its seller. As the seller of the product: `buyer` names whom
    the private offer is for, or `demand` the request on the board that it answers."""

    product = serializers.CharField(max_length=ID_CHARS_MAX)
    buyer = serializers.CharField(max_length=ID_CHARS_MAX, default="", allow_blank=True)
    demand = serializers.CharField(max_length=ID_CHARS_MAX, default="", allow_blank=True)


class CounterRequest(SpokenRequest):
    """`answers` is the hash of the proposal that was read."""

    answers = serializers.CharField(max_length=HASH_CHARS_MAX)


class AcceptRequest(serializers.Serializer[Any]):
    """`answers` is the hash of the proposal that was read."""

    answers = serializers.CharField(max_length=HASH_CHARS_MAX)


READ = {"GET": SCOPE_ORDERS}
WRITE = {"POST": SCOPE_ORDERS_WRITE}
Shape = TypeVar("Shape", bound=serializers.Serializer[Any])


class NegotiationsView(Listing):
    """The organisation's negotiations, newest first, and opening one."""

    serializer_class = NegotiationSerializer
    scopes = {**READ, **WRITE}

    @extend_schema(operation_id="negotiations", responses=NegotiationSerializer(many=True))
    def get(self, request: Request) -> Response:
        mine = acting_for(request, Permission.NEGOTIATION_SEE)
        return self.page_of(negotiations_of(mine))

    @extend_schema(
        operation_id="negotiation_open",
        request=OpeningRequest,
        responses={201: NegotiationSerializer},
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        wanted = _valid(OpeningRequest(data=request.data))
        said, spoken = wanted.validated_data, wanted.spoken()
        common: dict[str, Any] = {
            "actor": policy_actor(request),
            "product_id": said["product"],
            "spoken": spoken,
            "now": clock.now(),
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

    serializer_class = NegotiationSerializer
    scopes = READ

    @extend_schema(operation_id="negotiation")
    def get(self, request: Request, negotiation_id: str) -> Response:
        found = negotiation_seen_by(policy_actor(request), negotiation_id)
        return Response(NegotiationSerializer(found).data)


class ProposalsView(Listing):
    """The rounds of a negotiation, the newest first."""

    serializer_class = ProposalSerializer
    scopes = READ

    @extend_schema(operation_id="negotiation_proposals", responses=ProposalSerializer(many=True))
    def get(self, request: Request, negotiation_id: str) -> Response:
        found = negotiation_seen_by(policy_actor(request), negotiation_id)
        return self.page_of(found.proposals.all())


class CounterView(GenericAPIView[Any]):
    """Answering the newest proposal with another one."""

    serializer_class = NegotiationSerializer
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
            now=clock.now(),
        )
        return Response(_shown(found))


def _valid(wanted: Shape) -> Shape:
    wanted.is_valid(raise_exception=True)
    return wanted


def _reread(negotiation: Negotiation) -> Negotiation:
    rows = Negotiation.objects.select_related("buyer", "seller", "product", "demand", "contract")
    return rows.get(pk=negotiation.pk)


def _shown(negotiation: Negotiation) -> dict[str, Any]:
    return dict(NegotiationSerializer(_reread(negotiation)).data)


def _whole(use_case: Callable[..., Negotiation]) -> Callable[..., Negotiation]:
    """The use case, answering with all that is shown."""
    return lambda negotiation_id, **asked: _reread(use_case(negotiation_id, **asked))


AcceptView = act(
    _whole(deciding.accept), NegotiationSerializer, AcceptRequest,
    operation_id="negotiation_accept", scopes=WRITE,
    about="Accepting the newest proposal. The contract is then drawn up, for people to sign.",
)  # fmt: skip
DeclineView = act(
    _whole(deciding.decline), NegotiationSerializer, OptionalReasonRequest,
    operation_id="negotiation_decline", scopes=WRITE,
    about="Ending a negotiation, as the side whose turn it is, with a reason.",
)  # fmt: skip
WithdrawView = act(
    _whole(deciding.withdraw), NegotiationSerializer, OptionalReasonRequest,
    operation_id="negotiation_withdraw", scopes=WRITE,
    about="Taking the own proposal back before it is answered.",
)  # fmt: skip
