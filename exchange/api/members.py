"""Admission and roles over the API. Reading is for keys with `members:read`; deciding is for people."""

from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from exchange.api.base import KeysetPagination, Listing, ReasonRequest, RowSerializer, sent
from exchange.api.callers import acting_for, policy_actor
from exchange.api.idempotency import idempotent
from exchange.core import clock
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.core.refusals import NotFound
from exchange.members import admission as admissions
from exchange.members import policy, team
from exchange.members.admission import newest_admission, subject_of
from exchange.members.models import NAME_CHARS_MAX, Admission, AdmissionStep, RoleGrant
from exchange.members.permissions import SCOPE_READ, Permission
from exchange.members.roles import Kind, Role
from exchange.members.team import grants_in_force

READ = {"GET": SCOPE_READ}


class StepSerializer(RowSerializer[AdmissionStep]):
    """One step of an admission."""

    by = serializers.CharField(source="by.public_id", read_only=True)
    approved_by = serializers.CharField(
        source="approved_by.public_id", read_only=True, allow_null=True, default=None
    )

    class Meta:
        model = AdmissionStep
        fields = (
            "id", "number", "transition", "source", "target", "by", "approved_by",
            "reason", "at",
        )  # fmt: skip


class AdmissionSerializer(RowSerializer[Admission]):
    """Where an organisation stands, whose turn it is and how it came there."""

    organisation = serializers.CharField(source="organisation.public_id", read_only=True)
    applied_for = serializers.ListField(
        source="wanted", child=serializers.ChoiceField(choices=Kind.choices), read_only=True
    )
    steps = StepSerializer(many=True, read_only=True)

    class Meta:
        model = Admission
        fields = (
            "id", "organisation", "standing", "turn", "due_at", "applied_for", "rules_version",
            "applied_at", "steps",
        )  # fmt: skip


class ApplicationRequestSerializer(serializers.Serializer[Any]):
    """What an application says. Documents are handed in on the pages."""

    kinds = serializers.ListField(
        child=serializers.ChoiceField(
            choices=[kind for kind in Kind.choices if kind[0] != Kind.EXCHANGE_OPERATOR]
        ),
        min_length=1,
        max_length=len(Kind),
    )
    legal_person = serializers.CharField(max_length=NAME_CHARS_MAX)


class GrantedRoleSerializer(RowSerializer[RoleGrant]):
    """A role that a person holds in the organisation."""

    user = serializers.CharField(source="user.public_id", read_only=True)

    class Meta:
        model = RoleGrant
        fields = ("id", "user", "role", "reason", "valid_from", "valid_until")


class RoleRequestSerializer(serializers.Serializer[Any]):
    """Which role to give to whom, and why."""

    user = serializers.CharField(max_length=40)
    role = serializers.ChoiceField(choices=Role.choices)
    reason = serializers.CharField(max_length=REASON_CHARS_MAX)


class AdmissionView(GenericAPIView[Any]):
    """The admission of the organisation that the caller acts for, and applying for one."""

    serializer_class = AdmissionSerializer
    scopes = READ

    @extend_schema(operation_id="admission")
    def get(self, request: Request) -> Response:
        actor = policy_actor(request)
        admission = newest_admission(actor.organisation_id)
        if admission is None:
            raise NotFound(_("Your organisation has no admission yet."))
        policy.require(actor, Permission.ADMISSION_SEE, subject_of(admission))
        return Response(_shown(admission))

    @extend_schema(
        operation_id="admission_apply",
        request=ApplicationRequestSerializer,
        responses={201: AdmissionSerializer},
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        wanted = sent(ApplicationRequestSerializer, request)
        applied = admissions.apply(
            actor=policy_actor(request),
            kinds=[Kind(kind) for kind in wanted["kinds"]],
            legal_person=wanted["legal_person"],
            now=clock.now(),
        )
        return Response(_shown(applied), status=HTTPStatus.CREATED)


class RolesView(Listing):
    """The roles held in the organisation now, and giving one."""

    serializer_class = GrantedRoleSerializer
    pagination_class = KeysetPagination.ordered("pk")
    scopes = READ

    @extend_schema(operation_id="roles", responses=GrantedRoleSerializer(many=True))
    def get(self, request: Request) -> Response:
        mine = acting_for(request, Permission.TEAM_SEE)
        return self.page_of(grants_in_force(organisation_id=mine).order_by("pk"))

    @extend_schema(
        operation_id="role_grant",
        request=RoleRequestSerializer,
        responses={201: GrantedRoleSerializer},
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        wanted = sent(RoleRequestSerializer, request)
        grant = team.grant_role(
            actor=policy_actor(request),
            user_id=wanted["user"],
            role=Role(wanted["role"]),
            reason=wanted["reason"],
            now=clock.now(),
        )
        return Response(GrantedRoleSerializer(grant).data, status=HTTPStatus.CREATED)


class RoleRevocationView(GenericAPIView[Any]):
    """Taking a role away, from the next request on."""

    serializer_class = GrantedRoleSerializer

    @extend_schema(operation_id="role_revoke", request=ReasonRequest)
    @idempotent()
    def post(self, request: Request, role_id: str) -> Response:
        wanted = sent(ReasonRequest, request)
        grant = team.revoke_role(
            actor=policy_actor(request),
            grant_id=role_id,
            reason=wanted["reason"],
            now=clock.now(),
        )
        return Response(GrantedRoleSerializer(grant).data)


def _shown(admission: Admission) -> dict[str, Any]:
    rows = Admission.objects.select_related("organisation").prefetch_related(
        "steps__by", "steps__approved_by"
    )
    return dict(AdmissionSerializer(rows.get(pk=admission.pk)).data)
