"""What was bought, over the API: entitlements, links for a few minutes, and the files themselves."""

from http import HTTPStatus
from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from exchange.api.base import Listing, RowSerializer, act, sent
from exchange.api.callers import acting_for, plain, policy_actor
from exchange.api.fields import MinorField, MomentField
from exchange.core import clock
from exchange.core.downloads import answer
from exchange.delivery import fetching, links
from exchange.delivery.coverage import Covered, covered
from exchange.delivery.entitlements import entitlement_of, entitlements_of
from exchange.delivery.lifecycle import Form
from exchange.delivery.models import DownloadLink, Entitlement
from exchange.members.permissions import SCOPE_DELIVERY, Permission

SCOPES = {"GET": SCOPE_DELIVERY, "POST": SCOPE_DELIVERY}


class EntitlementSerializer(RowSerializer[Entitlement]):
    """The right to a product's data."""

    order = serializers.CharField(source="order.public_id", read_only=True)
    product = serializers.CharField(source="product.public_id", read_only=True)

    class Meta:
        model = Entitlement
        fields: tuple[str, ...] = (
            "id", "order", "product", "state", "reason", "history", "history_count", "future",
            "valid_from", "valid_until",
        )  # fmt: skip


class FormSerializer(serializers.Serializer[Any]):
    """A form in which a table can be fetched. The hash is that of the whole content."""

    form = serializers.ChoiceField(choices=Form.choices)
    name = serializers.CharField()
    size_bytes = serializers.IntegerField(source="blob.size_bytes")
    sha256 = serializers.CharField(source="blob.sha256")


class CoveredSerializer(serializers.Serializer[Covered]):
    """A table of a revision that is open now."""

    revision = serializers.CharField(source="revision.public_id")
    revision_number = serializers.IntegerField(source="revision.number")
    published_at = MomentField(source="revision.published_at")
    table = serializers.CharField(source="table.public_id")
    name = serializers.CharField(source="table.name")
    rows = serializers.IntegerField(source="table.rows")
    downloads = FormSerializer(many=True)


class EntitlementWithTables(EntitlementSerializer):
    """The right and everything it opens now."""

    tables = serializers.SerializerMethodField()

    class Meta(EntitlementSerializer.Meta):
        fields = (*EntitlementSerializer.Meta.fields, "tables")

    @extend_schema_field(CoveredSerializer(many=True))
    def get_tables(self, entitlement: Entitlement) -> list[dict[str, Any]]:
        return [dict(CoveredSerializer(one).data) for one in covered(entitlement)]


class LinkRequestSerializer(serializers.Serializer[Any]):
    """What a link shall open, and what may be spent through it where use is metered: minor units, net
    of tax. Without a cap it is one use of the table."""

    table = serializers.CharField(max_length=40)
    form = serializers.ChoiceField(choices=Form.choices)
    spend_max_minor = MinorField(allow_null=True, default=None)


class LinkSerializer(RowSerializer[DownloadLink]):
    """A link that needs no key, for a few minutes. It ends with its owner's right to fetch.
    `holders_count` says from how many addresses it was used."""

    url = serializers.SerializerMethodField()
    table = serializers.CharField(source="table.public_id", read_only=True)
    made_by = serializers.SerializerMethodField()
    holders_count = serializers.IntegerField(read_only=True, default=0)

    class Meta:
        model = DownloadLink
        fields = (
            "id", "url", "table", "form", "made_by", "spend_max_minor", "spent_minor",
            "bytes_sent", "requests", "holders_count", "created_at", "expires_at", "ended_at",
        )  # fmt: skip

    def get_url(self, link: DownloadLink) -> str:
        request = self.context.get("request")
        return str(reverse("web:download", args=[links.sign(link)], request=request))

    def get_made_by(self, link: DownloadLink) -> str:
        owner = link.made_by or link.key
        return "" if owner is None else owner.public_id


class EntitlementsView(Listing):
    """What the organisation bought, newest first."""

    serializer_class = EntitlementSerializer
    scopes = SCOPES

    @extend_schema(operation_id="entitlements", responses=EntitlementSerializer(many=True))
    def get(self, request: Request) -> Response:
        return self.page_of(entitlements_of(_mine(request)))


class EntitlementView(GenericAPIView[Any]):
    """One right with its tables."""

    serializer_class = EntitlementWithTables
    scopes = SCOPES

    @extend_schema(operation_id="entitlement")
    def get(self, request: Request, entitlement_id: str) -> Response:
        found = entitlement_of(_mine(request), entitlement_id)
        return Response(EntitlementWithTables(found).data)


class LinksView(Listing):
    """The links of a right that are still good, newest first, and making one."""

    serializer_class = LinkSerializer
    scopes = SCOPES

    @extend_schema(operation_id="links", responses=LinkSerializer(many=True))
    def get(self, request: Request, entitlement_id: str) -> Response:
        # Whoever has its address has the file, so that seeing a link is fetching.
        entitlement = entitlement_of(_mine(request), entitlement_id)
        acting_for(request, Permission.ROWS_SEE)
        shown = links.live_links(entitlement, now=clock.now())
        return Response(LinkSerializer(shown, many=True, context={"request": request}).data)

    @extend_schema(
        operation_id="link_make", request=LinkRequestSerializer, responses={201: LinkSerializer}
    )
    def post(self, request: Request, entitlement_id: str) -> Response:
        entitlement_of(_mine(request), entitlement_id)
        wanted = sent(LinkRequestSerializer, request)
        link = fetching.make_link(
            entitlement_id,
            table=wanted["table"],
            form=Form(wanted["form"]),
            spend_max_minor=wanted["spend_max_minor"],
            actor=policy_actor(request),
            now=clock.now(),
        )
        shown = LinkSerializer(link, context={"request": request})
        return Response(shown.data, status=HTTPStatus.CREATED)


LinkEndView = act(
    links.end, LinkSerializer,
    operation_id="link_end",
    about="Taking a link back, at once and for everybody who has it.",
    scopes=SCOPES,
)  # fmt: skip


class ContentView(GenericAPIView[Any]):
    """The file itself: in one go, in ranges, resumed where it broke off."""

    serializer_class = LinkSerializer
    scopes = SCOPES

    @extend_schema(
        operation_id="table_content",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(
        self, request: Request, entitlement_id: str, table_id: str, form: str
    ) -> HttpResponseBase:
        fetch = fetching.fetch(
            entitlement_id,
            table=table_id,
            form=Form(form),
            actor=policy_actor(request),
            now=clock.now(),
        )
        return answer(plain(request), fetch.source, on_begin=fetch.begin, on_sent=fetch.count)


def _mine(request: Request) -> int:
    return acting_for(request, Permission.ENTITLEMENT_SEE)
