"""Use over the API: events in; subscriptions, bills and the cap."""

import json
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import BaseParser, JSONParser
from rest_framework.request import Request
from rest_framework.response import Response

from exchange.api.base import Listing, RowSerializer, act
from exchange.api.callers import acting_for, policy_actor
from exchange.api.fields import DayField, MinorField, MomentField, WholeField
from exchange.core import clock
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.members.permissions import SCOPE_USAGE_READ, SCOPE_USAGE_WRITE, Permission
from exchange.metering import caps, disputes, intake, subscriptions
from exchange.metering.errors import BatchRefused
from exchange.metering.models import (
    EVENT_CHARS_MAX,
    METER_CHARS_MAX,
    QUANTITY_MAX,
    SOURCE_CHARS_MAX,
    MeteredSubscription,
    UsageBill,
    UsageDispute,
)
from exchange.metering.subscriptions import subscription_seen_by, subscriptions_of

READ = {"GET": SCOPE_USAGE_READ}


class SubscriptionSerializer(RowSerializer[MeteredSubscription]):
    """A subscription by use. The cap is in whole minor units, net of tax."""

    order = serializers.CharField(source="order.public_id", read_only=True)
    buyer = serializers.CharField(source="buyer.public_id", read_only=True)
    seller = serializers.CharField(source="seller.public_id", read_only=True)
    product = serializers.CharField(source="offer.product.public_id", read_only=True)

    class Meta:
        model = MeteredSubscription
        fields = (
            "id", "order", "buyer", "seller", "product", "plan", "currency", "period",
            "hard_cap_minor", "soft_cap_minor", "default_cap_minor", "final_no", "began_at", "ends_at",
        )  # fmt: skip


class BillSerializer(RowSerializer[UsageBill]):
    """A final bill. `document` is what `digest` is of, in canonical JSON."""

    number = serializers.IntegerField(source="period.number", read_only=True)
    order = serializers.CharField(source="order.public_id", read_only=True, default="")
    document = serializers.SerializerMethodField()

    class Meta:
        model = UsageBill
        fields = (
            "id", "number", "currency", "net_minor", "carried_minor", "order", "digest",
            "record_id", "final_at", "document",
        )  # fmt: skip

    def get_document(self, bill: UsageBill) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(bytes(bill.document))
        return document


class RefusedLineSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    code = serializers.CharField()
    message = serializers.CharField()
    facts = serializers.DictField()


class TakenSerializer(serializers.Serializer[Any]):
    """What became of a batch. Lines are counted from 0."""

    accepted = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    held = serializers.IntegerField(
        help_text="New lines that wait for the buyer's word, since they are far more than before."
    )
    refused = RefusedLineSerializer(many=True)


class UsageEventSerializer(serializers.Serializer[Any]):
    """One event: all fields, and no other. It is counted once by `source` and `event_id`."""

    subscription = serializers.CharField(help_text="`mtr_…`, a subscription to a product of yours.")
    source = serializers.CharField(  # type: ignore[assignment]  # the framework has a `source` too
        max_length=SOURCE_CHARS_MAX, help_text="What counted it; not beginning with `assay.`."
    )
    event_id = serializers.CharField(
        max_length=EVENT_CHARS_MAX, help_text="The source's own id of the event."
    )
    meter = serializers.CharField(help_text="A meter of the subscription's plan.")
    quantity = WholeField(
        min_value=0, max_value=QUANTITY_MAX, help_text="Whole units of the meter."
    )
    at = MomentField(
        help_text="When it happened, with its offset; at most five minutes ahead of the exchange."
    )


class DisputeSerializer(RowSerializer[UsageDispute]):
    """A report that is held, or an objection. Quantities are units of the meter."""

    subscription = serializers.CharField(source="subscription.public_id", read_only=True)

    class Meta:
        model = UsageDispute
        fields = (
            "id", "subscription", "kind", "state", "day", "meter", "reported", "accepted",
            "decided", "reason", "ruling", "due_at", "created_at",
        )  # fmt: skip


class ObjectionRequest(serializers.Serializer[Any]):
    """To what the buyer objects, and what it accepts of it."""

    day = DayField()
    meter = serializers.CharField(max_length=METER_CHARS_MAX)
    accepted = WholeField(min_value=0, max_value=QUANTITY_MAX)
    reason = serializers.CharField(max_length=REASON_CHARS_MAX)


class RefusalRequest(serializers.Serializer[Any]):
    """Why a held report is refused, and what the buyer accepts of it."""

    reason = serializers.CharField(max_length=REASON_CHARS_MAX)
    accepted = WholeField(min_value=0, max_value=QUANTITY_MAX, default=0)


class CapRequest(serializers.Serializer[Any]):
    """The hard cap; `soft_minor` is where the buyer is told and nothing closes."""

    cap_minor = MinorField(min_value=1, allow_null=True)
    soft_minor = MinorField(min_value=1, allow_null=True, default=None)


class NdjsonParser(BaseParser):
    """One JSON value on each line. A line that is no JSON is refused with its number."""

    media_type = "application/x-ndjson"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:  # noqa: ARG002 - the framework's signature
        lines = []
        for number, line in enumerate(stream.read().splitlines()):
            if not line.strip():
                continue
            try:
                lines.append(json.loads(line))
            except (ValueError, RecursionError):
                raise BatchRefused(
                    _("Line %(line)d is not JSON.") % {"line": number}, line=number
                ) from None
        return lines


class UsageView(GenericAPIView[Any]):
    """Events of what was used of the organisation's products, up to 10,000 at once, as a JSON list or
    as NDJSON.

    Sending a batch again is safe: each event is counted once by its source and id. A single event
    that is refused answers with its refusal; of several, the refused are listed. What is far more
    than before waits for the buyer's word.
    """

    serializer_class = TakenSerializer
    parser_classes = [JSONParser, NdjsonParser]
    scopes = {"POST": SCOPE_USAGE_WRITE}

    @extend_schema(
        operation_id="usage_report",
        request=UsageEventSerializer(many=True),
        responses=TakenSerializer,
    )
    def post(self, request: Request) -> Response:
        taken = intake.report(request.data, actor=policy_actor(request), now=clock.now())
        if len(request.data) == len(taken.refused) == 1:
            raise taken.refused[0][1]
        return Response(
            {
                "accepted": taken.accepted,
                "duplicates": taken.duplicates,
                "held": taken.held,
                "refused": [
                    {"line": n, "code": r.code, "message": str(r.message), "facts": dict(r.facts)}
                    for n, r in taken.refused
                ],
            }
        )


class SubscriptionsView(Listing):
    """What the organisation uses and what is used of its products, newest first."""

    serializer_class = SubscriptionSerializer
    scopes = READ

    @extend_schema(operation_id="usage_subscriptions", responses=SubscriptionSerializer(many=True))
    def get(self, request: Request) -> Response:
        organisation_id = acting_for(request, Permission.USAGE_SEE)
        return self.page_of(subscriptions_of(organisation_id))


class BillsView(Listing):
    """The final bills of a subscription, newest first."""

    serializer_class = BillSerializer
    scopes = READ

    @extend_schema(operation_id="usage_bills", responses=BillSerializer(many=True))
    def get(self, request: Request, subscription_id: str) -> Response:
        found = subscription_seen_by(policy_actor(request), subscription_id)
        bills = UsageBill.objects.filter(period__subscription=found)
        return self.page_of(bills.select_related("period", "order"))


CapView = act(
    caps.set_cap, SubscriptionSerializer, CapRequest,
    operation_id="usage_cap_set",
    about="What a period may cost before tax; null: the cap that the subscription began with.",
)  # fmt: skip
EndView = act(
    subscriptions.end, SubscriptionSerializer,
    operation_id="usage_end",
    about="Letting a subscription end with its running period.",
)  # fmt: skip


class DisputesView(Listing):
    """What is or was in dispute of a subscription's use, newest first, and objecting as its buyer."""

    serializer_class = DisputeSerializer
    scopes = READ

    @extend_schema(operation_id="usage_disputes", responses=DisputeSerializer(many=True))
    def get(self, request: Request, subscription_id: str) -> Response:
        found = subscription_seen_by(policy_actor(request), subscription_id)
        return self.page_of(disputes.disputes_of(found).select_related("subscription"))


ObjectView = act(
    disputes.object_to, DisputeSerializer, ObjectionRequest,
    operation_id="usage_object",
    about="Objecting, as the buyer, to what a meter counted on a day.",
    status=201,
)  # fmt: skip
DisputeConfirmView = act(
    disputes.confirm, DisputeSerializer,
    operation_id="usage_dispute_confirm",
    about="Saying, as the buyer, that a report counts, or taking an objection back.",
)  # fmt: skip
DisputeRefuseView = act(
    disputes.refuse, DisputeSerializer, RefusalRequest,
    operation_id="usage_dispute_refuse",
    about="Refusing, as the buyer, a report that is held: the exchange decides.",
)  # fmt: skip
