"""People, organisations, invitations and API keys over the API."""

from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from accounts import api_keys, invitations
from accounts.models import (
    ApiKey,
    Invitation,
    Membership,
    Organisation,
)
from exchange.api.accounts_shapes import (
    ApiKeyShape,
    ApiKeyWish,
    CallerShape,
    InvitationShape,
    InvitationWish,
    MemberShape,
    NewApiKeyShape,
    OrganisationShape,
)
from exchange.api.callers import ANY_SCOPE, caller_of, organisation_called, person_of
from exchange.api.idempotency import idempotent
from exchange.api.pagination import KeysetPagination
from exchange.members.permissions import SCOPES

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


class MeView(GenericAPIView[Any]):
    """Who calls, and for whom. Every key may ask what it is."""

    serializer_class = CallerShape
    scopes = {"GET": ANY_SCOPE}

    @extend_schema(operation_id="me")
    def get(self, request: Request) -> Response:
        caller = caller_of(request)
        return Response(CallerShape(caller).data)


class Listing(GenericAPIView[Any]):
    """A list that is read page by page."""

    def page_of(self, rows: QuerySet[Any]) -> Response:
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class OrganisationsView(Listing):
    """The organisations for which the caller acts."""

    serializer_class = OrganisationShape
    pagination_class = KeysetPagination.ordered("pk")
    scopes = READ

    @extend_schema(operation_id="organisations", responses=OrganisationShape(many=True))
    def get(self, request: Request) -> Response:
        caller = caller_of(request)
        rows = Organisation.objects.all()
        if caller.key is not None:
            return self.page_of(rows.filter(pk=caller.key.organisation_id))
        return self.page_of(rows.filter(memberships__user=caller.user))


class OrganisationView(GenericAPIView[Any]):
    """One organisation."""

    serializer_class = OrganisationShape
    scopes = READ

    @extend_schema(operation_id="organisation")
    def get(self, request: Request, organisation_id: str) -> Response:
        return Response(OrganisationShape(organisation_called(request, organisation_id)).data)


class MembersView(Listing):
    """Who acts for the organisation."""

    serializer_class = MemberShape
    pagination_class = KeysetPagination.ordered("pk")
    scopes = READ

    @extend_schema(operation_id="organisation_members", responses=MemberShape(many=True))
    def get(self, request: Request, organisation_id: str) -> Response:
        organisation = organisation_called(request, organisation_id)
        rows = Membership.objects.filter(organisation=organisation).select_related("user")
        return self.page_of(rows)


class InvitationsView(Listing):
    """Invitations, newest first, and inviting."""

    serializer_class = InvitationShape
    pagination_class = KeysetPagination
    scopes = {"GET": "organisation:read", "POST": "organisation:write"}

    @extend_schema(operation_id="invitations", responses=InvitationShape(many=True))
    def get(self, request: Request, organisation_id: str) -> Response:
        organisation = organisation_called(request, organisation_id)
        return self.page_of(Invitation.objects.filter(organisation=organisation))

    @extend_schema(operation_id="invite", request=InvitationWish, responses={201: InvitationShape})
    @idempotent()
    def post(self, request: Request, organisation_id: str) -> Response:
        organisation = organisation_called(request, organisation_id)
        wanted = InvitationWish(data=request.data)
        wanted.is_valid(raise_exception=True)
        invitation = invitations.invite(
            organisation_id=organisation.pk,
            language=get_language() or "",
            actor=caller_of(request).name,
            now=timezone.now(),
            **wanted.validated_data,
        )
        return Response(InvitationShape(invitation).data, status=HTTPStatus.CREATED)


class InvitationRevocationView(GenericAPIView[Any]):
    """Taking an invitation back."""

    serializer_class = InvitationShape
    scopes = {"POST": "organisation:write"}

    @extend_schema(operation_id="invitation_revoke", request=None)
    @idempotent()
    def post(self, request: Request, organisation_id: str, invitation_id: str) -> Response:
        organisation = organisation_called(request, organisation_id)
        invitation = invitations.revoke(
            organisation_id=organisation.pk,
            invitation_id=invitation_id,
            actor=caller_of(request).name,
            now=timezone.now(),
        )
        return Response(InvitationShape(invitation).data)


class ApiKeysView(Listing):
    """API keys, newest first, and making one. For people: a key neither makes nor sees keys."""

    serializer_class = ApiKeyShape
    pagination_class = KeysetPagination

    @extend_schema(operation_id="api_keys", responses=ApiKeyShape(many=True))
    def get(self, request: Request, organisation_id: str) -> Response:
        organisation = organisation_called(request, organisation_id)
        rows = ApiKey.objects.filter(organisation=organisation).select_related("created_by")
        return self.page_of(rows)

    @extend_schema(
        operation_id="api_key_create", request=ApiKeyWish, responses={201: NewApiKeyShape}
    )
    @idempotent(unstored=("secret",))
    def post(self, request: Request, organisation_id: str) -> Response:
        organisation = organisation_called(request, organisation_id)
        wanted = ApiKeyWish(data=request.data)
        wanted.is_valid(raise_exception=True)
        made = api_keys.create_key(
            organisation_id=organisation.pk,
            known_scopes=SCOPES,
            maker=person_of(request),
            now=timezone.now(),
            **wanted.validated_data,
        )
        shown = {**ApiKeyShape(made.key).data, "secret": made.secret}
        return Response(shown, status=HTTPStatus.CREATED)


class ApiKeyRevocationView(GenericAPIView[Any]):
    """Ending a key at once."""

    serializer_class = ApiKeyShape

    @extend_schema(operation_id="api_key_revoke", request=None)
    @idempotent()
    def post(self, request: Request, organisation_id: str, key_id: str) -> Response:
        organisation = organisation_called(request, organisation_id)
        key = api_keys.revoke_key(
            organisation_id=organisation.pk,
            key_id=key_id,
            actor=caller_of(request).name,
            now=timezone.now(),
        )
        return Response(ApiKeyShape(key).data)
