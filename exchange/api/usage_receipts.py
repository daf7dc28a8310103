"""Receipts of use over the API: what came in on each day, signed, with the events themselves."""

from datetime import date
from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from exchange.api.base import Listing, RowSerializer
from exchange.api.callers import policy_actor
from exchange.members.permissions import SCOPE_USAGE_READ
from exchange.metering.models import UsageReceipt
from exchange.metering.receipts import lines_of, receipt_file, receipt_of
from exchange.metering.subscriptions import subscription_seen_by

READ = {"GET": SCOPE_USAGE_READ}


class UsageReceiptSerializer(RowSerializer[UsageReceipt]):
    """A receipt. Its `digest` is that of the document; the record of that id in the log has it too."""

    class Meta:
        model = UsageReceipt
        fields = ("day", "events", "digest", "record_id", "made_at")


class UsageReceiptFileSerializer(serializers.Serializer[Any]):
    """`content` is the canonical document as text, `note` the exchange's signature over its digest."""

    content = serializers.CharField()
    note = serializers.CharField()
    record = serializers.CharField()


class ReceiptsView(Listing):
    """The receipts of a subscription, newest first."""

    serializer_class = UsageReceiptSerializer
    scopes = READ

    @extend_schema(operation_id="usage_receipts", responses=UsageReceiptSerializer(many=True))
    def get(self, request: Request, subscription_id: str) -> Response:
        found = subscription_seen_by(policy_actor(request), subscription_id)
        return self.page_of(UsageReceipt.objects.filter(subscription=found))


class ReceiptView(GenericAPIView[Any]):
    """One day's receipt, as `verify_receipt.py` reads it."""

    serializer_class = UsageReceiptFileSerializer
    scopes = READ

    @extend_schema(operation_id="usage_receipt", responses=UsageReceiptFileSerializer)
    def get(self, request: Request, subscription_id: str, day: date) -> Response:
        found = subscription_seen_by(policy_actor(request), subscription_id)
        return Response(receipt_file(receipt_of(found, day)))


class ReceiptEventsView(GenericAPIView[Any]):
    """The events of one day's receipt as NDJSON: their SHA-256 is the receipt's `events_sha256`."""

    serializer_class = None
    scopes = READ

    @extend_schema(operation_id="usage_receipt_events", responses={200: OpenApiTypes.BINARY})
    def get(self, request: Request, subscription_id: str, day: date) -> StreamingHttpResponse:
        found = subscription_seen_by(policy_actor(request), subscription_id)
        receipt = receipt_of(found, day)
        return StreamingHttpResponse(
            lines_of(found.pk, receipt.day), content_type="application/x-ndjson"
        )
