"""Contracts over the API: reading them whole, with signatures and as policies. Only people sign."""

from typing import Any

from django.db.models import CharField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from exchange.api.base import Listing, RowSerializer
from exchange.api.callers import acting_for, policy_actor
from exchange.contracts.models import Contract, Signature
from exchange.contracts.odrl import policy_of
from exchange.contracts.queries import contract_seen_by, contracts_of
from exchange.contracts.signing import canonical
from exchange.members.permissions import SCOPE_ORDERS, Permission
from exchange.orders.models import Order

READ = {"GET": SCOPE_ORDERS}


class ContractSerializer(RowSerializer[Contract]):
    """A contract. `hash` is the SHA-256 of its canonical document (RFC 8785)."""

    product = serializers.CharField(source="product.public_id", read_only=True)
    buyer = serializers.CharField(source="buyer.public_id", read_only=True)
    seller = serializers.CharField(source="seller.public_id", read_only=True)
    hash = serializers.CharField(source="document_hash", read_only=True)
    order = serializers.CharField(source="first_order", read_only=True)

    class Meta:
        model = Contract
        fields = (
            "id", "template", "template_version", "product", "buyer", "seller", "basis", "hash",
            "state", "sign_by", "order", "concluded_at", "record_id", "created_at",
        )  # fmt: skip


class SignatureSerializer(RowSerializer[Signature]):
    """An Ed25519 signature over the canonical document, with the public key, both in base64."""

    organisation = serializers.CharField(source="organisation.public_id", read_only=True)
    key = serializers.CharField(source="key.public", read_only=True)
    role = serializers.CharField(read_only=True)

    class Meta:
        model = Signature
        fields = ("role", "organisation", "key", "value", "at")


class WholeContractSerializer(serializers.Serializer[Any]):
    contract = ContractSerializer()
    signatures = SignatureSerializer(many=True)


class ContractsView(Listing):
    """The organisation's contracts, newest first."""

    serializer_class = ContractSerializer
    scopes = READ

    @extend_schema(operation_id="contracts", responses=ContractSerializer(many=True))
    def get(self, request: Request) -> Response:
        mine = acting_for(request, Permission.CONTRACT_SEE)
        return self.page_of(_with_order(contracts_of(mine)))


class ContractView(GenericAPIView[Any]):
    """One contract with its signatures."""

    serializer_class = WholeContractSerializer
    scopes = READ

    @extend_schema(operation_id="contract")
    def get(self, request: Request, contract_id: str) -> Response:
        seen = contract_seen_by(policy_actor(request), contract_id)
        found = _with_order(Contract.objects.filter(pk=seen.pk)).get()
        signatures = found.signatures.select_related("organisation", "key").order_by("pk")
        return Response(WholeContractSerializer({"contract": found, "signatures": signatures}).data)


class ContractDocumentView(GenericAPIView[Any]):
    """The document, byte for byte what was signed."""

    serializer_class = ContractSerializer
    scopes = READ

    @extend_schema(operation_id="contract_document", responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, contract_id: str) -> HttpResponse:
        found = contract_seen_by(policy_actor(request), contract_id)
        return HttpResponse(
            canonical(found.document),
            content_type="application/json",
            headers={"ETag": f'"{found.document_hash}"'},
        )


class ContractPolicyView(GenericAPIView[Any]):
    """The machine-readable half: an ODRL 2.2 agreement."""

    serializer_class = ContractSerializer
    scopes = READ

    @extend_schema(operation_id="contract_policy", responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, contract_id: str) -> Response:
        found = contract_seen_by(policy_actor(request), contract_id)
        return Response(policy_of(found))


def _with_order(contracts: QuerySet[Contract]) -> QuerySet[Contract]:
    """With `first_order`: the order that began the performance; empty before."""
    first = Order.objects.filter(contract=OuterRef("pk")).order_by("pk").values("public_id")[:1]
    empty = Value("", output_field=CharField())
    return contracts.select_related("buyer", "seller", "product").annotate(
        first_order=Coalesce(Subquery(first), empty)
    )
