"""Accounts and statements: what the caller's organisation owns, and nothing else."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from exchange.api.base import KeysetPagination, Listing, RowSerializer
from exchange.api.callers import policy_actor
from exchange.api.fields import MinorField, MomentField
from exchange.core.downloads import Download
from exchange.core.refusals import NotFound
from exchange.ledger import statements
from exchange.ledger.models import Account
from exchange.members import policy
from exchange.members.actors import Subject
from exchange.members.permissions import SCOPE_LEDGER, Permission

READ = {"GET": SCOPE_LEDGER}
CURSOR = OpenApiParameter("cursor", str, description="`older` of the page before.")


class AccountSerializer(RowSerializer[Account]):
    """An account and what is on it, in minor units. What open holds will take is not available."""

    balance_minor = MinorField(source="balance.minor", read_only=True)
    available_minor = MinorField(source="available.minor", read_only=True)

    class Meta:
        model = Account
        fields = (
            "id", "code", "kind", "currency", "balance_minor", "available_minor",
            "opened_at", "closed_at",
        )  # fmt: skip


class LineSerializer(serializers.Serializer[statements.Line]):
    """One posted transfer and the balance after it."""

    transfer = serializers.UUIDField()
    kind = serializers.CharField()
    subject = serializers.CharField()
    effective_at = MomentField()
    entered_at = MomentField()
    counterparty = serializers.CharField()
    side = serializers.SerializerMethodField()
    amount_minor = MinorField(source="amount.minor")
    balance_minor = MinorField(source="balance.minor")

    def get_side(self, line: statements.Line) -> str:
        return "debit" if line.on_debit else "credit"


class StatementSerializer(serializers.Serializer[statements.StatementPage]):
    """A page of a statement, newest first."""

    account = AccountSerializer()
    opening_minor = MinorField(source="opening.minor")
    closing_minor = MinorField(source="closing.minor")
    lines = LineSerializer(many=True)
    older = serializers.CharField(allow_null=True)


def _mine(request: Request) -> int | None:
    """The organisation that the caller acts for, if policy lets them see its books."""
    actor = policy_actor(request)
    policy.require(actor, Permission.LEDGER_SEE, Subject(organisation_id=actor.organisation_id))
    return actor.organisation_id


def _account(request: Request, account_id: str) -> Account:
    account = Account.objects.filter(public_id=account_id, owner=_mine(request)).first()
    if account is None or account.owner_id is None:
        raise NotFound(_("There is no such account."))
    return account


class LedgerAccountsView(Listing):
    """The accounts that the organisation owns."""

    serializer_class = AccountSerializer
    pagination_class = KeysetPagination.ordered("code")
    scopes = READ

    @extend_schema(operation_id="ledger_accounts", responses=AccountSerializer(many=True))
    def get(self, request: Request) -> Response:
        mine = _mine(request)
        return self.page_of(
            Account.objects.filter(owner=mine, owner__isnull=False).order_by("code")
        )


class StatementView(GenericAPIView[Any]):
    """A page of an account's statement."""

    serializer_class = StatementSerializer
    scopes = READ

    @extend_schema(operation_id="ledger_statement", parameters=[CURSOR])
    def get(self, request: Request, account_id: str) -> Response:
        page = statements.statement_page(
            account=_account(request, account_id), cursor=request.query_params.get("cursor", "")
        )
        return Response(StatementSerializer(page).data)


class StatementCsvView(GenericAPIView[Any]):
    """The whole statement as CSV, oldest first."""

    serializer_class = StatementSerializer
    scopes = READ

    @extend_schema(
        operation_id="ledger_statement_csv", responses={(200, "text/csv"): OpenApiTypes.STR}
    )
    def get(self, request: Request, account_id: str) -> Download:
        account = _account(request, account_id)
        return Download(
            statements.statement_csv(account=account),
            name=f"{account.public_id}.csv",
            content_type="text/csv; charset=utf-8",
        )
