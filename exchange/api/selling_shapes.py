"""The shapes of a seller's requests and answers."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers

from exchange.catalog.details import FIELDS
from exchange.catalog.dictionary import Correction, TableCorrection
from exchange.catalog.disclosure import order_obstacle
from exchange.catalog.facts import listing_of, offers_of
from exchange.catalog.gates import answers, score_of
from exchange.catalog.lifecycle import Future, History, OfferKind, Period, ProductKind
from exchange.catalog.models import Offer, Product, Revision
from exchange.catalog.models.offers import NAME_CHARS_MAX
from exchange.catalog.models.revisions import NOTE_CHARS_MAX
from exchange.catalog.offers import OfferWish
from exchange.core.lifecycle import REASON_CHARS_MAX
from pricing.money import CURRENCIES, Money

COLUMNS_MAX = 5_000
REVISIONS_SHOWN = 50
REF_CHARS_MAX = 40
TEXT_CHARS_MAX = 20_000
PRICE_MINOR_MAX = 10**15


class OwnProduct(serializers.ModelSerializer[Product]):
    """A product as its seller lists it."""

    id = serializers.CharField(source="public_id", read_only=True)

    class Meta:
        model = Product
        fields: tuple[str, ...] = (
            "id", "kind", "title", "state", "turn", "due_at", "change_proposed", "synthetic",
            "listed_at", "updated_at",
        )  # fmt: skip
        read_only_fields = fields


class OwnOfferShape(serializers.ModelSerializer[Offer]):
    """An offer. Prices are net, in minor units; per period for a subscription."""

    id = serializers.CharField(source="public_id", read_only=True)
    product = serializers.CharField(source="product.public_id", read_only=True)

    class Meta:
        model = Offer
        fields = (
            "id", "product", "number", "name", "kind", "currency", "price_minor", "period",
            "access_days", "history", "history_count", "future", "needs_approval", "state",
            "valid_from", "valid_until", "plan", "plan_digest",
        )  # fmt: skip
        read_only_fields = fields


class FindingShape(serializers.Serializer[Any]):
    """What the price linter found."""

    code = serializers.CharField()
    sentence = serializers.CharField()


class OfferAnswer(OwnOfferShape):
    """An offer just made, with what the price linter found."""

    findings = FindingShape(many=True)

    class Meta(OwnOfferShape.Meta):
        fields = (*OwnOfferShape.Meta.fields, "findings")  # type: ignore[assignment]  # one more
        read_only_fields = fields  # type: ignore[assignment]  # likewise


class RevisionAnswer(serializers.ModelSerializer[Revision]):
    """A revision; `difference` compares it with the one before."""

    id = serializers.CharField(source="public_id", read_only=True)
    file = serializers.CharField(source="file.public_id", read_only=True, allow_null=True)

    class Meta:
        model = Revision
        fields = (
            "id", "number", "state", "note", "file", "published_at", "revoked_reason", "difference",
        )  # fmt: skip
        read_only_fields = fields


class GateShape(serializers.Serializer[Any]):
    """A gate, whether it is open, and whether the listing needs it."""

    code = serializers.CharField()
    sentence = serializers.CharField()
    open = serializers.BooleanField()
    needed = serializers.BooleanField()


class OwnProductWhole(OwnProduct):
    """A product with everything that its seller works on."""

    details = serializers.DictField()
    amendment = serializers.DictField(allow_null=True)
    score = serializers.IntegerField()
    order_obstacle = serializers.CharField(
        help_text="The refusal that every order meets at the moment; empty where it can be ordered."
    )
    gates = GateShape(many=True)
    revisions = RevisionAnswer(many=True)
    offers = OwnOfferShape(many=True)

    class Meta(OwnProduct.Meta):
        fields = (
            *OwnProduct.Meta.fields, "details", "amendment", "score", "order_obstacle", "gates",
            "revisions", "offers",
        )  # fmt: skip
        read_only_fields = fields


class DraftWish(serializers.Serializer[Any]):
    """What a product says; everything but its kind may come later."""

    kind = serializers.ChoiceField(choices=ProductKind.choices)
    licence = serializers.DictField(required=False)
    scenarios = serializers.ListField(child=serializers.CharField(), required=False)
    keywords = serializers.ListField(child=serializers.CharField(), required=False)
    parts = serializers.ListField(child=serializers.DictField(), required=False)

    def get_fields(self) -> dict[str, Any]:
        """All fields of a product; the room itself checks what they hold."""
        fields = super().get_fields()
        for name in FIELDS:
            if name not in fields:
                fields[name] = serializers.CharField(
                    required=False, allow_blank=True, max_length=TEXT_CHARS_MAX
                )
        return fields


class OfferRequest(serializers.Serializer[Any]):
    """What is offered: a net price in minor units, or a whole price plan without charges for use."""

    name = serializers.CharField(max_length=NAME_CHARS_MAX)
    kind = serializers.ChoiceField(choices=OfferKind.choices)
    price_minor = serializers.IntegerField(min_value=0, max_value=PRICE_MINOR_MAX, default=0)
    currency = serializers.ChoiceField(choices=sorted(CURRENCIES), default="CNY")
    period = serializers.ChoiceField(choices=Period.choices, default="", allow_blank=True)
    access_days = serializers.IntegerField(default=None, allow_null=True, min_value=1)
    history = serializers.ChoiceField(choices=History.choices, default=History.ALL)
    history_count = serializers.IntegerField(default=None, allow_null=True, min_value=1)
    future = serializers.ChoiceField(choices=Future.choices, default=Future.NONE)
    valid_until = serializers.DateTimeField(default=None, allow_null=True)
    supersedes = serializers.CharField(max_length=REF_CHARS_MAX, default="", allow_blank=True)
    plan = serializers.DictField(default=None, allow_null=True)
    needs_approval = serializers.BooleanField(default=False)

    def wish(self) -> OfferWish:
        said = dict(self.validated_data)
        price = Money(said.pop("price_minor"), said.pop("currency"))
        kind, history = OfferKind(said.pop("kind")), History(said.pop("history"))
        future = Future(said.pop("future"))
        return OfferWish(price=price, kind=kind, history=history, future=future, **said)


class RevisionRequest(serializers.Serializer[Any]):
    """Which stored file the next revision is made of."""

    file = serializers.CharField(max_length=REF_CHARS_MAX)


class NoteRequest(serializers.Serializer[Any]):
    """What is new."""

    note = serializers.CharField(max_length=NOTE_CHARS_MAX, default="", allow_blank=True)


class ReasonRequest(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=REASON_CHARS_MAX)


class ColumnWish(serializers.Serializer[Any]):
    """What is said of a column; what is left out stays. `why` is needed when it is not personal."""

    column = serializers.CharField()
    name = serializers.CharField(required=False)
    unit = serializers.CharField(required=False, allow_blank=True)
    description = serializers.CharField(required=False, allow_blank=True)
    personal = serializers.BooleanField(required=False, allow_null=True)
    why = serializers.CharField(required=False, allow_blank=True)


class DictionaryWish(serializers.Serializer[Any]):
    """Corrections of one table, by its position in the revision."""

    position = serializers.IntegerField(min_value=0)
    columns = serializers.ListField(child=ColumnWish(), max_length=COLUMNS_MAX)

    @staticmethod
    def corrections(wanted: list[dict[str, Any]]) -> tuple[TableCorrection, ...]:
        return tuple(
            TableCorrection(
                position=table["position"],
                columns=tuple(Correction(**column) for column in table["columns"]),
            )
            for table in wanted
        )


def whole(product: Product) -> dict[str, Any]:
    """The answer about one product, as its seller wants it: changes under review are in `amendment`."""
    listing = listing_of(product, at=timezone.now(), with_changes=True)
    given = answers(listing)
    obstacle = order_obstacle(listing.product.delivery)
    revisions = product.revisions.select_related("file").order_by("-number")[:REVISIONS_SHOWN]
    return {
        **OwnProduct(product).data,
        "details": {name: getattr(product, name) for name in FIELDS},
        "amendment": product.amendment,
        "score": score_of(given),
        "order_obstacle": "" if obstacle is None else obstacle.code,
        "gates": [
            {
                "code": one.gate.code,
                "sentence": str(one.gate.sentence),
                "open": one.is_open,
                "needed": bool(one.gate.blocks),
            }
            for one in given
        ],
        "revisions": [RevisionAnswer(one).data for one in revisions],
        "offers": [OwnOfferShape(one).data for one in offers_of(product)],
    }
