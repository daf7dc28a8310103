"""Selling over the API: products, their data, dictionary, offers, and handing them to the exchange.

Keys need `catalog:read` and `catalog:write`. What an operator decides is not done over the API.
"""

from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from exchange.api.base import Listing, ReasonRequest, RowSerializer, act, sent
from exchange.api.callers import policy_actor
from exchange.api.fields import MinorField, MomentField, WholeField
from exchange.api.idempotency import idempotent
from exchange.catalog import flags, offers, products, revisions
from exchange.catalog.details import FIELDS
from exchange.catalog.dictionary import Correction, TableCorrection, correct_dictionary
from exchange.catalog.disclosure import order_obstacle
from exchange.catalog.facts import listing_of, offers_of, proposed_offers
from exchange.catalog.gates import answers, score_of
from exchange.catalog.lifecycle import AMENDABLE, Future, History, OfferKind, Period, ProductKind
from exchange.catalog.listing import Said
from exchange.catalog.models import ColumnFlag, Offer, Product, Revision
from exchange.catalog.models.offers import NAME_CHARS_MAX
from exchange.catalog.models.revisions import COLUMN_CHARS_MAX, NOTE_CHARS_MAX
from exchange.catalog.offers import OfferRequest
from exchange.catalog.queries import permitted, products_of, seen_by
from exchange.core import clock
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.members import policy
from exchange.members.actors import Subject, organisation_of
from exchange.members.permissions import SCOPE_CATALOG_READ, SCOPE_CATALOG_WRITE, Permission
from pricing.money import CURRENCIES, Money

COLUMNS_MAX = 5_000
REVISIONS_SHOWN = 50
REF_CHARS_MAX = 40
TEXT_CHARS_MAX = 20_000


class OwnProduct(RowSerializer[Product]):
    """A product as its seller lists it."""

    class Meta:
        model = Product
        fields: tuple[str, ...] = (
            "id", "kind", "title", "state", "turn", "due_at", "change_proposed", "synthetic",
            "listed_at", "updated_at",
        )  # fmt: skip


class OwnOfferSerializer(RowSerializer[Offer]):
    """An offer. Prices are net, in minor units; per period for a subscription. One that is `proposed`
    belongs to a change of a listing: submit it, and it is on offer once the exchange accepts it. At
    `replaced_at` another one takes its place."""

    product = serializers.CharField(source="product.public_id", read_only=True)

    class Meta:
        model = Offer
        fields = (
            "id", "product", "number", "name", "kind", "currency", "price_minor", "period",
            "access_days", "history", "history_count", "future", "needs_approval", "state",
            "valid_from", "valid_until", "replaced_at", "plan", "plan_digest",
        )  # fmt: skip


class FindingSerializer(serializers.Serializer[Any]):
    """What the price linter found."""

    code = serializers.CharField()
    sentence = serializers.CharField()


class OfferAnswer(OwnOfferSerializer):
    """An offer just made, with what the price linter found."""

    findings = FindingSerializer(many=True)

    class Meta(OwnOfferSerializer.Meta):
        fields = (*OwnOfferSerializer.Meta.fields, "findings")  # type: ignore[assignment]  # one more


class RevisionAnswer(RowSerializer[Revision]):
    """A revision; `difference` compares it with the one before. A draft that is `submitted_at` a time
    shows what the exchange has to look at first, such as new columns."""

    file = serializers.CharField(source="file.public_id", read_only=True, allow_null=True)

    class Meta:
        model = Revision
        fields = (
            "id", "number", "state", "note", "file", "submitted_at", "published_at",
            "revoked_reason", "difference",
        )  # fmt: skip


class FlagAnswer(RowSerializer[ColumnFlag]):
    """A personal column: of no value of it is shown anything until the exchange takes the flag off."""

    class Meta:
        model = ColumnFlag
        fields = (
            "id",
            "column",
            "party",
            "state",
            "reason",
            "lift_reason",
            "answer",
            "created_at",
            "lifted_at",
        )


class GateSerializer(serializers.Serializer[Any]):
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
    gates = GateSerializer(many=True)
    revisions = RevisionAnswer(many=True)
    offers = OwnOfferSerializer(many=True)
    personal_columns = FlagAnswer(many=True)

    class Meta(OwnProduct.Meta):
        fields = (
            *OwnProduct.Meta.fields, "details", "amendment", "score", "order_obstacle", "gates",
            "revisions", "offers", "personal_columns",
        )  # fmt: skip


class DraftRequestSerializer(serializers.Serializer[Any]):
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


class NewOfferSerializer(serializers.Serializer[Any]):
    """What is offered: a net price in minor units, or a whole price plan without charges for use. One that
    `supersedes` another and has a later `valid_from` leaves that one open until then."""

    name = serializers.CharField(max_length=NAME_CHARS_MAX)
    kind = serializers.ChoiceField(choices=OfferKind.choices)
    price_minor = MinorField(default=0)
    currency = serializers.ChoiceField(choices=sorted(CURRENCIES), default="CNY")
    period = serializers.ChoiceField(choices=Period.choices, default="", allow_blank=True)
    access_days = WholeField(default=None, allow_null=True, min_value=1)
    history = serializers.ChoiceField(choices=History.choices, default=History.ALL)
    history_count = WholeField(default=None, allow_null=True, min_value=1)
    future = serializers.ChoiceField(choices=Future.choices, default=Future.NONE)
    valid_from = MomentField(default=None, allow_null=True)
    valid_until = MomentField(default=None, allow_null=True)
    supersedes = serializers.CharField(max_length=REF_CHARS_MAX, default="", allow_blank=True)
    plan = serializers.DictField(default=None, allow_null=True)
    needs_approval = serializers.BooleanField(default=False)

    def command(self) -> OfferRequest:
        said = dict(self.validated_data)
        price = Money(said.pop("price_minor"), said.pop("currency"))
        kind, history = OfferKind(said.pop("kind")), History(said.pop("history"))
        future = Future(said.pop("future"))
        return OfferRequest(price=price, kind=kind, history=history, future=future, **said)


class FlagRequest(serializers.Serializer[Any]):
    """A column, by its name in the data or in the dictionary, and why."""

    column = serializers.CharField(max_length=COLUMN_CHARS_MAX)
    reason = serializers.CharField(max_length=REASON_CHARS_MAX)


class RevisionRequest(serializers.Serializer[Any]):
    """Which stored file the next revision is made of."""

    file = serializers.CharField(max_length=REF_CHARS_MAX)


class NoteRequest(serializers.Serializer[Any]):
    """What is new."""

    note = serializers.CharField(max_length=NOTE_CHARS_MAX, default="", allow_blank=True)


class ColumnRequestSerializer(serializers.Serializer[Any]):
    """What is said of a column; what is left out stays. `why` is needed when it is not personal."""

    column = serializers.CharField()
    name = serializers.CharField(required=False)
    unit = serializers.CharField(required=False, allow_blank=True)
    description = serializers.CharField(required=False, allow_blank=True)
    personal = serializers.BooleanField(required=False, allow_null=True)
    why = serializers.CharField(required=False, allow_blank=True)


class DictionaryRequestSerializer(serializers.Serializer[Any]):
    """Corrections of one table, by its position in the revision."""

    position = WholeField(min_value=0)
    columns = serializers.ListField(child=ColumnRequestSerializer(), max_length=COLUMNS_MAX)

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
    listing = listing_of(product, at=clock.now(), with_changes=True)
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
        "offers": [
            OwnOfferSerializer(one).data for one in (*offers_of(product), *proposed_offers(product))
        ],
        "personal_columns": [FlagAnswer(one).data for one in product.flags.all()],
    }


SCOPES = {"GET": SCOPE_CATALOG_READ, "POST": SCOPE_CATALOG_WRITE, "PATCH": SCOPE_CATALOG_WRITE}


class OwnProductsView(Listing):
    """The products of the organisation, newest first, and beginning one."""

    serializer_class = OwnProduct
    scopes = SCOPES

    @extend_schema(operation_id="own_products", responses=OwnProduct(many=True))
    def get(self, request: Request) -> Response:
        actor = policy_actor(request)
        mine = Subject(organisation_id=organisation_of(actor))
        policy.require(actor, Permission.PRODUCT_SEE, mine)
        return self.page_of(products_of(actor))

    @extend_schema(
        operation_id="own_product_draft",
        request=DraftRequestSerializer,
        responses={201: OwnProductWhole},
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        wanted = sent(DraftRequestSerializer, request)
        product = products.draft_product(
            actor=policy_actor(request),
            kind=ProductKind(wanted.pop("kind")),
            values=wanted,
            now=clock.now(),
        )
        return Response(whole(product), status=HTTPStatus.CREATED)


class OwnProductView(GenericAPIView[Any]):
    """One product with its gates, revisions and offers; changing what is said of it."""

    serializer_class = OwnProductWhole
    scopes = SCOPES

    @extend_schema(operation_id="own_product")
    def get(self, request: Request, product_id: str) -> Response:
        return Response(whole(seen_by(policy_actor(request), product_id)))

    @extend_schema(operation_id="own_product_change", request=DraftRequestSerializer(partial=True))
    @idempotent()
    def patch(self, request: Request, product_id: str) -> Response:
        wanted = sent(DraftRequestSerializer, request, partial=True)
        wanted.pop("kind", None)
        product = products.save_draft(
            product_id, actor=policy_actor(request), values=wanted, now=clock.now()
        )
        return Response(whole(product))


class SubmissionView(GenericAPIView[Any]):
    """Hand a draft, or a change of a listed product, to the exchange."""

    serializer_class = OwnProductWhole
    scopes = SCOPES

    @extend_schema(operation_id="own_product_submit", request=None)
    @idempotent()
    def post(self, request: Request, product_id: str) -> Response:
        actor = policy_actor(request)
        product = permitted(actor, Permission.OFFER_MAKE, product_id)
        hand_in = products.propose_change if product.state in AMENDABLE else products.submit
        return Response(whole(hand_in(product_id, actor=actor, now=clock.now())))


class DelistingView(GenericAPIView[Any]):
    """Take a product off the list. Buyers keep what they bought."""

    serializer_class = OwnProductWhole
    scopes = SCOPES

    @extend_schema(operation_id="own_product_delist", request=ReasonRequest)
    @idempotent()
    def post(self, request: Request, product_id: str) -> Response:
        said = Said(reason=sent(ReasonRequest, request)["reason"])
        product = products.delist(
            product_id, actor=policy_actor(request), said=said, now=clock.now()
        )
        return Response(whole(product))


PauseView = act(
    products.pause, OwnProduct,
    operation_id="own_product_pause", scopes=SCOPES,
    about="Take nothing new on for a while. What buyers have begun goes on.",
)  # fmt: skip
RelistingView = act(
    products.relist, OwnProduct,
    operation_id="own_product_relist", scopes=SCOPES,
    about="List a paused product again as buyers knew it, without a review.",
)  # fmt: skip


class OwnOffersView(GenericAPIView[Any]):
    """Make an offer; the answer says what the price linter found."""

    serializer_class = OfferAnswer
    scopes = SCOPES

    @extend_schema(
        operation_id="own_offer_make", request=NewOfferSerializer, responses={201: OfferAnswer}
    )
    @idempotent()
    def post(self, request: Request, product_id: str) -> Response:
        wanted = NewOfferSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        offer, price = offers.add_offer(
            product_id,
            actor=policy_actor(request),
            command=wanted.command(),
            now=clock.now(),
        )
        found = [{"code": one.code, "sentence": one.sentence} for one in price.findings]
        return Response(
            {**OwnOfferSerializer(offer).data, "findings": found}, status=HTTPStatus.CREATED
        )


OfferWithdrawalView = act(
    offers.withdraw_offer, OwnOfferSerializer,
    operation_id="own_offer_withdraw", scopes=SCOPES,
    about="End an offer.",
)  # fmt: skip


def _attach(product_id: str, *, file: str, **asked: Any) -> Revision:
    return revisions.attach_file(product_id, file_id=file, **asked)


OwnRevisionsView = act(
    _attach, RevisionAnswer, RevisionRequest,
    operation_id="own_revision_draft", scopes=SCOPES, status=HTTPStatus.CREATED,
    about="Make a stored file the next revision of a product.",
)  # fmt: skip


class DictionaryView(GenericAPIView[Any]):
    """Describe the columns of the draft, and answer the findings of personal data."""

    serializer_class = OwnProductWhole
    scopes = SCOPES

    @extend_schema(
        operation_id="own_dictionary_correct", request=DictionaryRequestSerializer(many=True)
    )
    @idempotent()
    def patch(self, request: Request, product_id: str) -> Response:
        actor = policy_actor(request)
        permitted(actor, Permission.OFFER_MAKE, product_id)
        wanted = DictionaryRequestSerializer(data=request.data, many=True)
        wanted.is_valid(raise_exception=True)
        correct_dictionary(
            product_id,
            actor=actor,
            corrections=DictionaryRequestSerializer.corrections(wanted.validated_data),
            now=clock.now(),
        )
        return Response(whole(Product.objects.get(public_id=product_id)))


OwnFlagsView = act(
    flags.flag_own_column, FlagAnswer, FlagRequest,
    operation_id="own_column_flag", scopes=SCOPES, status=HTTPStatus.CREATED,
    about="Hold a column back as personal, at once and in all revisions.",
)  # fmt: skip
OwnFlagLiftView = act(
    flags.ask_lift, FlagAnswer, FlagRequest,
    operation_id="own_column_ask_lift", scopes=SCOPES,
    about="Ask the exchange to show a column that is held back; it stays held back meanwhile.",
)  # fmt: skip
PublicationView = act(
    revisions.publish_revision, RevisionAnswer, NoteRequest,
    operation_id="own_revision_publish", scopes=SCOPES,
    about="Publish the draft of a listed product as its next revision.",
)  # fmt: skip
RevocationView = act(
    revisions.revoke_revision, RevisionAnswer, ReasonRequest,
    operation_id="own_revision_revoke", scopes=SCOPES,
    about="Stop delivering a revision, with a reason that its buyers read.",
)  # fmt: skip
