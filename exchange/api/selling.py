"""Selling over the API: products, their data, dictionary, offers, and handing them to the exchange.

Keys need `catalog:read` and `catalog:write`. What an operator decides is not done over the API.
"""

from http import HTTPStatus
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from exchange.api.accounts import Listing
from exchange.api.callers import policy_actor
from exchange.api.idempotency import idempotent
from exchange.api.pagination import KeysetPagination
from exchange.api.selling_shapes import (
    DictionaryWish,
    DraftWish,
    NoteRequest,
    OfferAnswer,
    OfferRequest,
    OwnOfferShape,
    OwnProduct,
    OwnProductWhole,
    ReasonRequest,
    RevisionAnswer,
    RevisionRequest,
    whole,
)
from exchange.catalog import offers, products, revisions
from exchange.catalog.dictionary import correct_dictionary
from exchange.catalog.lifecycle import AMENDABLE, ProductKind
from exchange.catalog.listing import Said
from exchange.catalog.models import Product
from exchange.catalog.queries import permitted, products_of, seen_by
from exchange.members import policy
from exchange.members.actors import Subject, organisation_of
from exchange.members.permissions import SCOPE_CATALOG_READ, SCOPE_CATALOG_WRITE, Permission

SCOPES = {"GET": SCOPE_CATALOG_READ, "POST": SCOPE_CATALOG_WRITE, "PATCH": SCOPE_CATALOG_WRITE}


class OwnProductsView(Listing):
    """The products of the organisation, newest first, and beginning one."""

    serializer_class = OwnProduct
    pagination_class = KeysetPagination.ordered("-pk")
    scopes = SCOPES

    @extend_schema(operation_id="own_products", responses=OwnProduct(many=True))
    def get(self, request: Request) -> Response:
        actor = policy_actor(request)
        mine = Subject(organisation_id=organisation_of(actor))
        policy.require(actor, Permission.PRODUCT_SEE, mine)
        return self.page_of(products_of(actor))

    @extend_schema(
        operation_id="own_product_draft", request=DraftWish, responses={201: OwnProductWhole}
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        wanted = _read(DraftWish, request)
        product = products.draft_product(
            actor=policy_actor(request),
            kind=ProductKind(wanted.pop("kind")),
            values=wanted,
            now=timezone.now(),
        )
        return Response(whole(product), status=HTTPStatus.CREATED)


class OwnProductView(GenericAPIView[Any]):
    """One product with its gates, revisions and offers; changing what is said of it."""

    serializer_class = OwnProductWhole
    scopes = SCOPES

    @extend_schema(operation_id="own_product")
    def get(self, request: Request, product_id: str) -> Response:
        return Response(whole(seen_by(policy_actor(request), product_id)))

    @extend_schema(operation_id="own_product_change", request=DraftWish(partial=True))
    @idempotent()
    def patch(self, request: Request, product_id: str) -> Response:
        wanted = _read(DraftWish, request, partial=True)
        wanted.pop("kind", None)
        product = products.save_draft(
            product_id, actor=policy_actor(request), values=wanted, now=timezone.now()
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
        return Response(whole(hand_in(product_id, actor=actor, now=timezone.now())))


class DelistingView(GenericAPIView[Any]):
    """Take a product off the list. Buyers keep what they bought."""

    serializer_class = OwnProductWhole
    scopes = SCOPES

    @extend_schema(operation_id="own_product_delist", request=ReasonRequest)
    @idempotent()
    def post(self, request: Request, product_id: str) -> Response:
        said = Said(reason=_read(ReasonRequest, request)["reason"])
        product = products.delist(
            product_id, actor=policy_actor(request), said=said, now=timezone.now()
        )
        return Response(whole(product))


class OwnOffersView(GenericAPIView[Any]):
    """Make an offer; the answer says what the price linter found."""

    serializer_class = OfferAnswer
    scopes = SCOPES

    @extend_schema(
        operation_id="own_offer_make", request=OfferRequest, responses={201: OfferAnswer}
    )
    @idempotent()
    def post(self, request: Request, product_id: str) -> Response:
        wanted = OfferRequest(data=request.data)
        wanted.is_valid(raise_exception=True)
        offer, price = offers.add_offer(
            product_id,
            actor=policy_actor(request),
            wish=wanted.wish(),
            now=timezone.now(),
        )
        found = [{"code": one.code, "sentence": one.sentence} for one in price.findings]
        return Response({**OwnOfferShape(offer).data, "findings": found}, status=HTTPStatus.CREATED)


class OfferWithdrawalView(GenericAPIView[Any]):
    """End an offer."""

    serializer_class = OwnOfferShape
    scopes = SCOPES

    @extend_schema(operation_id="own_offer_withdraw", request=None)
    @idempotent()
    def post(self, request: Request, offer_id: str) -> Response:
        offer = offers.withdraw_offer(offer_id, actor=policy_actor(request), now=timezone.now())
        return Response(OwnOfferShape(offer).data)


class OwnRevisionsView(GenericAPIView[Any]):
    """Make a stored file the next revision of a product."""

    serializer_class = RevisionAnswer
    scopes = SCOPES

    @extend_schema(
        operation_id="own_revision_draft", request=RevisionRequest, responses={201: RevisionAnswer}
    )
    @idempotent()
    def post(self, request: Request, product_id: str) -> Response:
        wanted = _read(RevisionRequest, request)
        revision = revisions.attach_file(
            product_id,
            actor=policy_actor(request),
            file_id=wanted["file"],
            now=timezone.now(),
        )
        return Response(RevisionAnswer(revision).data, status=HTTPStatus.CREATED)


class DictionaryView(GenericAPIView[Any]):
    """Describe the columns of the draft, and answer the findings of personal data."""

    serializer_class = OwnProductWhole
    scopes = SCOPES

    @extend_schema(operation_id="own_dictionary_correct", request=DictionaryWish(many=True))
    @idempotent()
    def patch(self, request: Request, product_id: str) -> Response:
        actor = policy_actor(request)
        permitted(actor, Permission.OFFER_MAKE, product_id)
        wanted = DictionaryWish(data=request.data, many=True)
        wanted.is_valid(raise_exception=True)
        correct_dictionary(
            product_id,
            actor=actor,
            corrections=DictionaryWish.corrections(wanted.validated_data),
            now=timezone.now(),
        )
        return Response(whole(Product.objects.get(public_id=product_id)))


class PublicationView(GenericAPIView[Any]):
    """Publish the draft of a listed product as its next revision."""

    serializer_class = RevisionAnswer
    scopes = SCOPES

    @extend_schema(operation_id="own_revision_publish", request=NoteRequest)
    @idempotent()
    def post(self, request: Request, product_id: str) -> Response:
        revision = revisions.publish_revision(
            product_id,
            actor=policy_actor(request),
            note=_read(NoteRequest, request)["note"],
            now=timezone.now(),
        )
        return Response(RevisionAnswer(revision).data)


class RevocationView(GenericAPIView[Any]):
    """Stop delivering a revision, with a reason that its buyers read."""

    serializer_class = RevisionAnswer
    scopes = SCOPES

    @extend_schema(operation_id="own_revision_revoke", request=ReasonRequest)
    @idempotent()
    def post(self, request: Request, revision_id: str) -> Response:
        revision = revisions.revoke_revision(
            revision_id,
            actor=policy_actor(request),
            reason=_read(ReasonRequest, request)["reason"],
            now=timezone.now(),
        )
        return Response(RevisionAnswer(revision).data)


def _read(shape: Any, request: Request, *, partial: bool = False) -> dict[str, Any]:
    wanted = shape(data=request.data, partial=partial)
    wanted.is_valid(raise_exception=True)
    return dict(wanted.validated_data)
