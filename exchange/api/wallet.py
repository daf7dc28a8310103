"""Top-ups of the caller's wallet by card, and the organisation's saved cards.

A card is given by a person on the provider's page: a program asks for the top-up or the card, has the page opened, and
reads what has become of it.
"""

import secrets
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from exchange.api.base import Listing, RowSerializer, act, sent
from exchange.api.callers import acting_for, policy_actor
from exchange.api.fields import MinorField
from exchange.api.idempotency import idempotent
from exchange.core import clock
from exchange.core.refusals import NotFound
from exchange.members.permissions import SCOPE_PAYMENTS, Permission
from exchange.payments import card_top_ups, saved_cards
from exchange.payments.models import CardTopUp, SavedCard
from pricing.money import CURRENCIES, Money

READ = {"GET": SCOPE_PAYMENTS}


class TopUpSerializer(RowSerializer[CardTopUp]):
    """A top-up by card, in minor units. What was sent back or is disputed is none of the wallet any more."""

    class Meta:
        model = CardTopUp
        fields = (
            "id", "state", "currency", "amount_minor", "refunded_minor", "disputed_minor",
            "last_refusal", "created_at", "received_at",
        )  # fmt: skip


class TopUpRequest(serializers.Serializer[Any]):
    """How much is to be paid into the wallet of a currency."""

    currency = serializers.ChoiceField(choices=sorted(CURRENCIES))
    amount_minor = MinorField(min_value=1)


class SavedCardSerializer(RowSerializer[SavedCard]):
    """A card as the provider names it; no number of it is kept here."""

    class Meta:
        model = SavedCard
        fields = (
            "id", "state", "is_default", "brand", "last4", "exp_month", "exp_year", "created_at",
            "saved_at",
        )  # fmt: skip


class CardPageSerializer(serializers.Serializer[Any]):
    """Where a person gives the card."""

    url = serializers.URLField(read_only=True)


class TopUpsView(Listing):
    """The top-ups by card of the organisation's wallets, newest first."""

    serializer_class = TopUpSerializer
    scopes = READ

    @extend_schema(operation_id="top_ups", responses=TopUpSerializer(many=True))
    def get(self, request: Request) -> Response:
        mine = acting_for(request, Permission.WALLET_SEE)
        return self.page_of(CardTopUp.objects.filter(wallet__organisation=mine).order_by("-id"))

    @extend_schema(
        operation_id="top_up_start", request=TopUpRequest, responses={201: TopUpSerializer}
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        said = sent(TopUpRequest, request)
        top_up = card_top_ups.ask(
            actor=policy_actor(request),
            amount=Money(said["amount_minor"], said["currency"]),
            token=secrets.token_hex(16),  # the key of the request is what makes it one
            now=clock.now(),
        )
        return Response(TopUpSerializer(top_up).data, status=HTTPStatus.CREATED)


class TopUpView(GenericAPIView[Any]):
    """One top-up."""

    serializer_class = TopUpSerializer
    scopes = READ

    @extend_schema(operation_id="top_up")
    def get(self, request: Request, top_up_id: str) -> Response:
        mine = acting_for(request, Permission.WALLET_SEE)
        top_up = CardTopUp.objects.filter(wallet__organisation=mine, public_id=top_up_id).first()
        if top_up is None:
            raise NotFound(_("There is no such top-up."))
        return Response(TopUpSerializer(top_up).data)


class TopUpPageView(GenericAPIView[Any]):
    """The page of a top-up. It needs no key: asked again, it is the same page."""

    serializer_class = CardPageSerializer
    scopes: dict[str, str] = {}

    @extend_schema(operation_id="top_up_page", request=None, responses=CardPageSerializer)
    def post(self, request: Request, top_up_id: str) -> Response:
        url = card_top_ups.open_card_page(
            actor=policy_actor(request), top_up_id=top_up_id, now=clock.now()
        )
        return Response({"url": request.build_absolute_uri(url)})


class SavedCardsView(Listing):
    """The organisation's saved cards, and those that were asked for, newest first."""

    serializer_class = SavedCardSerializer
    scopes = READ

    @extend_schema(operation_id="saved_cards", responses=SavedCardSerializer(many=True))
    def get(self, request: Request) -> Response:
        mine = acting_for(request, Permission.WALLET_SEE)
        return self.page_of(SavedCard.objects.filter(organisation=mine).order_by("-id"))

    @extend_schema(
        operation_id="saved_card_ask", request=None, responses={201: SavedCardSerializer}
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        card = saved_cards.ask(actor=policy_actor(request), now=clock.now())
        return Response(SavedCardSerializer(card).data, status=HTTPStatus.CREATED)


class SavedCardPageView(GenericAPIView[Any]):
    """The page of a card that is to be saved. It needs no key: asked again, it is the same page."""

    serializer_class = CardPageSerializer
    scopes: dict[str, str] = {}

    @extend_schema(operation_id="saved_card_page", request=None, responses=CardPageSerializer)
    def post(self, request: Request, card_id: str) -> Response:
        url = saved_cards.open_page(actor=policy_actor(request), card_id=card_id, now=clock.now())
        return Response({"url": request.build_absolute_uri(url)})


def _make_default(card_id: str, **told: Any) -> SavedCard:
    saved_cards.card_of(told["actor"], card_id)
    return saved_cards.make_default(card_id, **told)


def _remove(card_id: str, **told: Any) -> SavedCard:
    saved_cards.card_of(told["actor"], card_id)
    return saved_cards.remove(card_id, **told)


SavedCardDefaultView = act(
    _make_default,
    SavedCardSerializer,
    operation_id="saved_card_default",
    about="Have renewals charged to this card.",
)
SavedCardRemovalView = act(
    _remove,
    SavedCardSerializer,
    operation_id="saved_card_remove",
    about="Remove a card: nothing is charged to it any more, and the provider forgets it.",
)
