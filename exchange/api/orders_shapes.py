"""Orders as the API shows them, and what it is sent to move them."""

from typing import Any

from rest_framework import serializers

from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.orders.lifecycle import PaymentMethod
from exchange.orders.models import Order, OrderMessage, OrderStep
from exchange.orders.models.orders import HASH_CHARS, NUMBER_CHARS_MAX, TEXT_CHARS_MAX

ID_CHARS_MAX = 40


class OrderShape(serializers.ModelSerializer[Order]):
    """Who buys what from whom, and where the order stands. Amounts are whole minor units."""

    id = serializers.CharField(source="public_id", read_only=True)
    buyer = serializers.CharField(source="buyer.public_id", read_only=True)
    seller = serializers.CharField(source="seller.public_id", read_only=True)
    product = serializers.CharField(source="terms.product.id", read_only=True)
    offer = serializers.CharField(source="terms.offer.id", read_only=True)

    class Meta:
        model = Order
        fields = (
            "id", "buyer", "seller", "product", "offer", "title", "state", "turn", "due_at",
            "terms_hash", "currency", "net_minor", "tax_minor", "total_minor", "payment_method",
            "po_number", "needs_second", "inspection_ends_at", "period_from",
            "period_until", "created_at", "version",
        )  # fmt: skip
        read_only_fields = fields


class OrderStepShape(serializers.ModelSerializer[OrderStep]):
    """One step of an order. The actor is told apart by its kind only."""

    by = serializers.SerializerMethodField()

    class Meta:
        model = OrderStep
        fields = ("number", "transition", "source", "target", "by", "reason_code", "reason", "at")
        read_only_fields = fields

    def get_by(self, step: OrderStep) -> str:
        return step.actor.partition(":")[0]


class WholeOrderShape(OrderShape):
    """An order with its frozen terms and its steps."""

    terms = serializers.JSONField(read_only=True)
    renews = serializers.CharField(source="renews.public_id", allow_null=True, default=None)
    steps = OrderStepShape(many=True, read_only=True)

    class Meta:
        model = Order
        fields = (*OrderShape.Meta.fields, "renews", "terms", "steps")
        read_only_fields = fields


class MessageShape(serializers.ModelSerializer[OrderMessage]):
    """A message that buyer, seller and the exchange read."""

    id = serializers.CharField(source="public_id", read_only=True)
    organisation = serializers.CharField(source="organisation.public_id", read_only=True)

    class Meta:
        model = OrderMessage
        fields = ("id", "organisation", "text", "at")
        read_only_fields = fields


class TermsShape(serializers.Serializer[Any]):
    """The terms on which an offer can be bought now: send their hash with the order."""

    terms_hash = serializers.CharField()
    currency = serializers.CharField(source="terms.price.currency")
    net_minor = serializers.IntegerField(source="terms.price.net_minor")
    tax_minor = serializers.IntegerField(source="terms.price.tax_minor")
    total_minor = serializers.IntegerField(source="terms.price.total_minor")
    payment_methods = serializers.ListField(child=serializers.ChoiceField(PaymentMethod.choices))
    terms = serializers.JSONField()


class OrderWish(serializers.Serializer[Any]):
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


class OrderReasonWish(serializers.Serializer[Any]):
    """Why, in words."""

    reason = serializers.CharField(max_length=REASON_CHARS_MAX)


class OptionalReasonWish(serializers.Serializer[Any]):
    """Why, in words, where the buyer wants to say so."""

    reason = serializers.CharField(
        max_length=REASON_CHARS_MAX, required=False, default="", allow_blank=True
    )


class MessageWish(serializers.Serializer[Any]):
    """What to write."""

    text = serializers.CharField(max_length=TEXT_CHARS_MAX)


class RenewalWish(serializers.Serializer[Any]):
    """Whether the subscription renews by itself."""

    auto_renew = serializers.BooleanField()
