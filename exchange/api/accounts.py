"""The API's root and its description; people, organisations, invitations and API keys."""

from http import HTTPStatus
from typing import Any

from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from accounts import api_keys, invitations
from accounts.api_keys import VALID_DAYS_MAX
from accounts.models import (
    ApiKey,
    Invitation,
    Membership,
    MembershipRole,
    Organisation,
    User,
)
from exchange.api.base import KeysetPagination, Listing, RowSerializer, sent
from exchange.api.callers import ANY_SCOPE, Caller, caller_of, organisation_called, person_of
from exchange.api.fields import WholeField
from exchange.api.idempotency import idempotent
from exchange.core import clock
from exchange.members.permissions import SCOPE_BUY, SCOPES
from pricing.money import CURRENCIES, Money


class OrganisationSerializer(RowSerializer[Organisation]):
    """An organisation."""

    class Meta:
        model = Organisation
        fields = ("id", "name", "credit_code", "country", "kind", "sme", "created_at")


class PersonSerializer(RowSerializer[User]):
    """A person."""

    class Meta:
        model = User
        fields = ("id", "name", "email", "language")


class MemberSerializer(RowSerializer[Membership]):
    """A person who acts for the organisation."""

    id = serializers.CharField(source="user.public_id", read_only=True)
    name = serializers.CharField(source="user.name", read_only=True)
    email = serializers.CharField(source="user.email", read_only=True)

    class Meta:
        model = Membership
        fields = ("id", "name", "email", "role", "joined_at")


class InvitationSerializer(RowSerializer[Invitation]):
    """An invitation. An empty outcome is an open one, until it expires."""

    outcome = serializers.CharField(read_only=True)

    class Meta:
        model = Invitation
        fields = ("id", "email", "role", "outcome", "created_at", "expires_at", "closed_at")


class ApiKeySerializer(RowSerializer[ApiKey]):
    """A key without its secret, which nobody keeps."""

    created_by = serializers.CharField(source="created_by.public_id", read_only=True)
    scopes = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = ApiKey
        fields = (
            "id",
            "name",
            "prefix",
            "scopes",
            "created_by",
            "created_at",
            "expires_at",
            "last_used_at",
            "revoked_at",
            "buying_limit_minor",
            "buying_currency",
            "bought_minor",
        )


class NewApiKeySerializer(ApiKeySerializer):
    """A key just made. `secret` is shown in this answer alone; a repetition has null."""

    secret = serializers.CharField(allow_null=True, read_only=True)

    class Meta(ApiKeySerializer.Meta):
        fields = (*ApiKeySerializer.Meta.fields, "secret")  # type: ignore[assignment]  # one more


class CallerSerializer(serializers.Serializer[Any]):
    """Who calls: a person with their organisations' roles, or a key with its scopes."""

    kind = serializers.ChoiceField(choices=["person", "key"], read_only=True)
    actor = serializers.CharField(read_only=True)
    person = PersonSerializer(allow_null=True, read_only=True)
    organisation = OrganisationSerializer(allow_null=True, read_only=True)
    scopes = serializers.ListField(child=serializers.CharField(), read_only=True)

    def to_representation(self, caller: Caller) -> dict[str, Any]:
        key = caller.key
        return {
            "kind": "key" if key else "person",
            "actor": caller.name,
            "person": PersonSerializer(caller.user).data if caller.user else None,
            "organisation": OrganisationSerializer(key.organisation).data if key else None,
            "scopes": list(key.scopes) if key else [],
        }


class InvitationRequestSerializer(serializers.Serializer[Any]):
    """Whom to invite, as what."""

    email = serializers.EmailField(max_length=254)
    role = serializers.ChoiceField(choices=MembershipRole.choices)


class BuyingLimitSerializer(serializers.Serializer[Any]):
    """What a key may commit in all, with tax: for keys with the scope `orders:buy`, and only those."""

    minor = WholeField(min_value=1, max_value=2**53)
    currency = serializers.ChoiceField(choices=sorted(CURRENCIES))

    def to_internal_value(self, data: Any) -> Money:
        """As an amount of money."""
        said = super().to_internal_value(data)
        return Money(said["minor"], said["currency"])


class ApiKeyRequestSerializer(serializers.Serializer[Any]):
    """What the key is for, what it opens and for how long."""

    name = serializers.CharField(max_length=80)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=list(SCOPES)),
        min_length=1,
        max_length=len(SCOPES),
    )
    valid_days = WholeField(min_value=1, max_value=VALID_DAYS_MAX)
    buying_limit = BuyingLimitSerializer(required=False, allow_null=True, default=None)


READ = {"GET": "organisation:read"}


class RootView(APIView):
    """Where everything begins."""

    permission_classes = [AllowAny]

    @extend_schema(responses={200: OpenApiTypes.OBJECT}, operation_id="root")
    def get(self, request: Request) -> Response:
        names = {"me": "api:me", "organisations": "api:organisations", "schema": "api:schema"}
        return Response(
            {
                "version": "1",
                **{word: reverse(name, request=request) for word, name in names.items()},
                "docs": reverse("api:docs", request=request),
            }
        )


class SchemaView(SpectacularAPIView):
    """GET /api/v1/schema: OpenAPI 3.1, for everybody."""

    permission_classes = [AllowAny]


class DocsView(SpectacularSwaggerSplitView):
    """GET /api/v1/docs: Swagger UI from our own files, under the strict content security policy."""

    permission_classes = [AllowAny]
    template_name = "accounts/api_docs.html"
    url_name = "api:schema"


class MeView(GenericAPIView[Any]):
    """Who calls, and for whom. Every key may ask what it is."""

    serializer_class = CallerSerializer
    scopes = {"GET": ANY_SCOPE}

    @extend_schema(operation_id="me")
    def get(self, request: Request) -> Response:
        caller = caller_of(request)
        return Response(CallerSerializer(caller).data)


class OrganisationsView(Listing):
    """The organisations for which the caller acts."""

    serializer_class = OrganisationSerializer
    pagination_class = KeysetPagination.ordered("pk")
    scopes = READ

    @extend_schema(operation_id="organisations", responses=OrganisationSerializer(many=True))
    def get(self, request: Request) -> Response:
        caller = caller_of(request)
        rows = Organisation.objects.all()
        if caller.key is not None:
            return self.page_of(rows.filter(pk=caller.key.organisation_id))
        return self.page_of(rows.filter(memberships__user=caller.user))


class OrganisationView(GenericAPIView[Any]):
    """One organisation."""

    serializer_class = OrganisationSerializer
    scopes = READ

    @extend_schema(operation_id="organisation")
    def get(self, request: Request, organisation_id: str) -> Response:
        return Response(OrganisationSerializer(organisation_called(request, organisation_id)).data)


class MembersView(Listing):
    """Who acts for the organisation."""

    serializer_class = MemberSerializer
    pagination_class = KeysetPagination.ordered("pk")
    scopes = READ

    @extend_schema(operation_id="organisation_members", responses=MemberSerializer(many=True))
    def get(self, request: Request, organisation_id: str) -> Response:
        organisation = organisation_called(request, organisation_id)
        rows = Membership.objects.filter(organisation=organisation).select_related("user")
        return self.page_of(rows)


class InvitationsView(Listing):
    """Invitations, newest first, and inviting."""

    serializer_class = InvitationSerializer
    scopes = {"GET": "organisation:read", "POST": "organisation:write"}

    @extend_schema(operation_id="invitations", responses=InvitationSerializer(many=True))
    def get(self, request: Request, organisation_id: str) -> Response:
        organisation = organisation_called(request, organisation_id)
        return self.page_of(Invitation.objects.filter(organisation=organisation))

    @extend_schema(
        operation_id="invite",
        request=InvitationRequestSerializer,
        responses={201: InvitationSerializer},
    )
    @idempotent()
    def post(self, request: Request, organisation_id: str) -> Response:
        organisation = organisation_called(request, organisation_id)
        invitation = invitations.invite(
            organisation_id=organisation.pk,
            language=get_language() or "",
            actor=caller_of(request).name,
            now=clock.now(),
            **sent(InvitationRequestSerializer, request),
        )
        return Response(InvitationSerializer(invitation).data, status=HTTPStatus.CREATED)


class InvitationRevocationView(GenericAPIView[Any]):
    """Taking an invitation back."""

    serializer_class = InvitationSerializer
    scopes = {"POST": "organisation:write"}

    @extend_schema(operation_id="invitation_revoke", request=None)
    @idempotent()
    def post(self, request: Request, organisation_id: str, invitation_id: str) -> Response:
        organisation = organisation_called(request, organisation_id)
        invitation = invitations.revoke(
            organisation_id=organisation.pk,
            invitation_id=invitation_id,
            actor=caller_of(request).name,
            now=clock.now(),
        )
        return Response(InvitationSerializer(invitation).data)


class ApiKeysView(Listing):
    """API keys, newest first, and making one. For people: a key neither makes nor sees keys."""

    serializer_class = ApiKeySerializer

    @extend_schema(operation_id="api_keys", responses=ApiKeySerializer(many=True))
    def get(self, request: Request, organisation_id: str) -> Response:
        organisation = organisation_called(request, organisation_id)
        rows = ApiKey.objects.filter(organisation=organisation).select_related("created_by")
        return self.page_of(rows)

    @extend_schema(
        operation_id="api_key_create",
        request=ApiKeyRequestSerializer,
        responses={201: NewApiKeySerializer},
    )
    @idempotent(unstored=("secret",))
    def post(self, request: Request, organisation_id: str) -> Response:
        organisation = organisation_called(request, organisation_id)
        made = api_keys.create_key(
            organisation_id=organisation.pk,
            known_scopes=SCOPES,
            buying_scope=SCOPE_BUY,
            maker=person_of(request),
            now=clock.now(),
            **sent(ApiKeyRequestSerializer, request),
        )
        shown = {**ApiKeySerializer(made.key).data, "secret": made.secret}
        return Response(shown, status=HTTPStatus.CREATED)


class ApiKeyRevocationView(GenericAPIView[Any]):
    """Ending a key at once."""

    serializer_class = ApiKeySerializer

    @extend_schema(operation_id="api_key_revoke", request=None)
    @idempotent()
    def post(self, request: Request, organisation_id: str, key_id: str) -> Response:
        organisation = organisation_called(request, organisation_id)
        key = api_keys.revoke_key(
            organisation_id=organisation.pk,
            key_id=key_id,
            actor=caller_of(request).name,
            now=clock.now(),
        )
        return Response(ApiKeySerializer(key).data)
