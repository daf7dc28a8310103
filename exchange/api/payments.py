"""Payments, earnings, payouts and numbered documents of the caller's organisation."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from exchange.api.base import Listing, RowSerializer
from exchange.api.callers import acting_for, policy_actor
from exchange.api.fields import DayField, MinorField, MomentField
from exchange.core import clock
from exchange.core.refusals import NotFound
from exchange.members import policy
from exchange.members.actors import Subject
from exchange.members.permissions import SCOPE_PAYMENTS, Permission
from exchange.orders import placing
from exchange.payments import queries, unpaid
from exchange.payments.collection import payment_seen_by
from exchange.payments.lifecycle import PaymentState
from exchange.payments.models import Document, Payment, Payout, SettlementShare
from exchange.payments.unpaid import Balances, Reason

READ = {"GET": SCOPE_PAYMENTS}


class PaymentSerializer(RowSerializer[Payment]):
    """A payment, in minor units. `reference` is what the payer writes on a bank transfer."""

    order = serializers.CharField(source="order.public_id", read_only=True)

    class Meta:
        model = Payment
        fields = (
            "id", "order", "method", "state", "currency", "amount_minor", "refunded_minor",
            "reference", "last_refusal", "created_at", "expires_at", "received_at",
        )  # fmt: skip


class WholePaymentSerializer(PaymentSerializer):
    """A payment. `obstacle` says why nothing can be paid now although it waits: the standing of a party,
    which the exchange alone lifts."""

    obstacle = serializers.SerializerMethodField()

    class Meta:
        model = Payment
        fields = (*PaymentSerializer.Meta.fields, "obstacle")

    def get_obstacle(self, payment: Payment) -> str:
        return placing.obstacle(payment.order) if payment.state == PaymentState.WAITING else ""


class EarningSerializer(RowSerializer[SettlementShare]):
    """What the organisation gets of one order, and from when on it may be paid out."""

    order = serializers.CharField(source="settlement.order.public_id", read_only=True)
    gross_minor = MinorField(source="settlement.gross_minor", read_only=True)
    tax_minor = MinorField(source="settlement.tax_minor", read_only=True)
    fee_minor = MinorField(source="settlement.fee_minor", read_only=True)
    fee_tax_minor = MinorField(source="settlement.fee_tax_minor", read_only=True)
    settled_at = MomentField(source="settlement.settled_at", read_only=True)
    clears_at = MomentField(source="settlement.clears_at", read_only=True)
    cleared_at = MomentField(source="settlement.cleared_at", read_only=True)

    class Meta:
        model = SettlementShare
        fields = (
            "order", "currency", "gross_minor", "tax_minor", "fee_minor", "fee_tax_minor",
            "amount_minor", "refunded_minor", "settled_at", "clears_at", "cleared_at",
        )  # fmt: skip


class ReasonSerializer(serializers.Serializer[Reason]):
    """Why money is not paid yet: a code for programs, the same in words, and when it ends where that is known."""

    why = serializers.CharField(read_only=True)
    sentence = serializers.CharField(read_only=True)
    until = MomentField(read_only=True)


class BalancesSerializer(serializers.Serializer[Balances]):
    """What the books hold for a seller in one currency, and why the available part is not paid yet."""

    currency = serializers.CharField(source="available.currency", read_only=True)
    held_minor = MinorField(source="held.minor", read_only=True)
    pending_minor = MinorField(source="pending.minor", read_only=True)
    available_minor = MinorField(source="available.minor", read_only=True)
    owed_minor = MinorField(source="owed.minor", read_only=True)
    waits_for = ReasonSerializer(many=True, read_only=True)


class AllBalancesSerializer(serializers.Serializer[Any]):
    """The balances in every currency."""

    results = BalancesSerializer(many=True, read_only=True)


class PayoutSerializer(RowSerializer[Payout]):
    """A payout, in minor units; `account` is masked."""

    run_date = DayField(source="run.run_date", read_only=True)
    account = serializers.CharField(source="account.label", read_only=True)

    class Meta:
        model = Payout
        fields = (
            "id", "run_date", "account", "state", "currency", "amount_minor", "failure",
            "created_at", "sent_at", "decided_at",
        )  # fmt: skip


class DocumentSerializer(RowSerializer[Document]):
    """A numbered document as data; `hash` is the SHA-256 of the content's canonical JSON (RFC 8785)."""

    order = serializers.CharField(source="order.public_id", default="", read_only=True)
    issuer = serializers.CharField(source="issuer.name", read_only=True)
    receiver = serializers.CharField(source="receiver.name", read_only=True)
    hash = serializers.CharField(source="document_hash", read_only=True)
    content = serializers.JSONField(read_only=True)

    class Meta:
        model = Document
        fields = (
            "id", "number", "kind", "order", "issuer", "receiver", "content", "hash", "issued_at",
        )  # fmt: skip


class PaymentsView(Listing):
    """The payments that the organisation makes, newest first."""

    serializer_class = PaymentSerializer
    scopes = READ

    @extend_schema(operation_id="payments", responses=PaymentSerializer(many=True))
    def get(self, request: Request) -> Response:
        mine = acting_for(request, Permission.PAYMENT_SEE)
        return self.page_of(
            Payment.objects.filter(payer_id=mine).select_related("order").order_by("-id")
        )


class PaymentView(GenericAPIView[Any]):
    """One payment."""

    serializer_class = WholePaymentSerializer
    scopes = READ

    @extend_schema(operation_id="payment")
    def get(self, request: Request, payment_id: str) -> Response:
        payment = payment_seen_by(policy_actor(request), payment_id)
        return Response(WholePaymentSerializer(payment).data)


class EarningsView(Listing):
    """What the organisation earned, newest first."""

    serializer_class = EarningSerializer
    scopes = READ

    @extend_schema(operation_id="earnings", responses=EarningSerializer(many=True))
    def get(self, request: Request) -> Response:
        mine = acting_for(request, Permission.EARNINGS_SEE)
        return self.page_of(queries.shares_of(mine).order_by("-id"))


class BalancesView(GenericAPIView[Any]):
    """What the books hold for the organisation as a seller, one row a currency."""

    serializer_class = AllBalancesSerializer
    scopes = READ

    @extend_schema(operation_id="balances", responses=AllBalancesSerializer)
    def get(self, request: Request) -> Response:
        mine = acting_for(request, Permission.EARNINGS_SEE)
        found = {"results": unpaid.of_seller(mine, now=clock.now()).balances}
        return Response(AllBalancesSerializer(found).data)


class PayoutsView(Listing):
    """The payouts to the organisation, newest first."""

    serializer_class = PayoutSerializer
    scopes = READ

    @extend_schema(operation_id="payouts", responses=PayoutSerializer(many=True))
    def get(self, request: Request) -> Response:
        return self.page_of(
            queries.payouts_of(acting_for(request, Permission.EARNINGS_SEE)).order_by("-id")
        )


class DocumentsView(Listing):
    """The invoices and credit notes that the organisation received, newest first."""

    serializer_class = DocumentSerializer
    scopes = READ

    @extend_schema(operation_id="documents", responses=DocumentSerializer(many=True))
    def get(self, request: Request) -> Response:
        mine = acting_for(request, Permission.PAYMENT_DOCUMENT_SEE)
        return self.page_of(queries.invoices_of(mine).select_related("receiver").order_by("-id"))


class DocumentView(GenericAPIView[Any]):
    """One numbered document, to its issuer and its receiver."""

    serializer_class = DocumentSerializer
    scopes = READ

    @extend_schema(operation_id="document")
    def get(self, request: Request, number: str) -> Response:
        document = (
            Document.objects.select_related("issuer", "receiver", "order")
            .filter(number=number)
            .first()
        )
        if document is None:
            raise NotFound(_("There is no such document."))
        subject = Subject(
            organisation_id=document.receiver_id, engaged=frozenset({document.issuer_id})
        )
        policy.require(policy_actor(request), Permission.PAYMENT_DOCUMENT_SEE, subject)
        return Response(DocumentSerializer(document).data)
