"""Negotiations as the API shows them, and what it is sent to propose, to answer and to ask."""

from typing import Any

from rest_framework import serializers

from exchange.catalog.lifecycle import DealNature, Future, History, Period
from exchange.catalog.models.offers import ACCESS_DAYS_MAX, HISTORY_COUNT_MAX
from exchange.contracts.templates import PROVISION, template_codes
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.negotiation.models import WORDS_CHARS_MAX, Negotiation, Proposal
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
AMOUNT_MINOR_MAX = 10**15


class NegotiationShape(serializers.ModelSerializer[Negotiation]):
    """A negotiation and whose turn it is: buyer, seller, both or nobody."""

    id = serializers.CharField(source="public_id", read_only=True)
    product = serializers.CharField(source="product.public_id", read_only=True)
    buyer = serializers.CharField(source="buyer.public_id", read_only=True)
    seller = serializers.CharField(source="seller.public_id", read_only=True)
    demand = serializers.CharField(source="demand.public_id", read_only=True, default="")
    contract = serializers.CharField(source="contract.public_id", read_only=True, default="")

    class Meta:
        model = Negotiation
        fields = (
            "id", "origin", "product", "buyer", "seller", "demand", "currency", "state", "turn",
            "due_at", "proposals_count", "contract", "created_at", "changed_at",
        )  # fmt: skip
        read_only_fields = fields


class ProposalShape(serializers.ModelSerializer[Proposal]):
    """One round. `hash` is what an answer names; `document` holds the terms and words."""

    hash = serializers.CharField(source="document_hash", read_only=True)
    document = serializers.JSONField(read_only=True)
    changes = serializers.JSONField(read_only=True)

    class Meta:
        model = Proposal
        fields = ("number", "side", "hash", "document", "changes", "answer_by", "at")
        read_only_fields = fields


class TermsRequest(serializers.Serializer[Any]):
    """What is proposed. The price is net, in whole minor units, per period where there is one; null
    asks the seller for it. The uses are those of the product's licence where none are named."""

    currency = serializers.ChoiceField(choices=sorted(CURRENCIES))
    price_minor = serializers.IntegerField(
        min_value=0, max_value=AMOUNT_MINOR_MAX, allow_null=True, default=None
    )
    plan = serializers.JSONField(allow_null=True, default=None)
    period = serializers.ChoiceField(choices=Period.choices, default="", allow_blank=True)
    access_days = serializers.IntegerField(
        min_value=1, max_value=ACCESS_DAYS_MAX, allow_null=True, default=None
    )
    history = serializers.ChoiceField(choices=History.choices, default=History.ALL.value)
    history_count = serializers.IntegerField(
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
    uses_max = serializers.IntegerField(
        min_value=1, max_value=USES_MAX, allow_null=True, default=None
    )
    seller_share_percent = serializers.IntegerField(
        min_value=0, max_value=PERCENT, allow_null=True, default=None
    )
    calls_max = serializers.IntegerField(
        min_value=2, max_value=CALLS_MAX, allow_null=True, default=None
    )
    calls_days = serializers.IntegerField(
        min_value=1, max_value=CALLS_DAYS_MAX, allow_null=True, default=None
    )


class SpokenRequest(serializers.Serializer[Any]):
    """Terms, words to the other side, and until when they hold."""

    terms = TermsRequest()
    words = serializers.CharField(max_length=WORDS_CHARS_MAX, default="", allow_blank=True)
    valid_until = serializers.DateTimeField(allow_null=True, default=None)

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


class EndRequest(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=REASON_CHARS_MAX, default="", allow_blank=True)
