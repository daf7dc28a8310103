"""The service fee: what holds for all sellers, what is agreed with one, what is planned and what waits."""

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from exchange.console.actors import actor_shown, person_shown
from exchange.console.acts import ASKED, moment_input
from exchange.console.marks import DANGER, PRIMARY, act, column
from exchange.console.readings import value_shown
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyTable, where
from exchange.core import clock, currencies
from exchange.core.fields import (
    AmountField,
    MomentField,
    MoneyForm,
    NumberField,
    ReasonForm,
    text_field,
)
from exchange.core.formatting import end_shown, moment_shown, money_shown
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.members import approvals, rule_packs
from exchange.members.actors import Actor
from exchange.members.models import ApprovalRequest
from exchange.members.naming import OrganisationField
from exchange.orders import agreed_fees
from exchange.orders.models import FeeAgreement
from exchange.payments import fees

ACTS_OF_RULES = (rule_packs.AMEND, rule_packs.TAKE_BACK)


class AgreeForm(MoneyForm):
    seller = OrganisationField(label=gettext_lazy("Seller"))
    percent = NumberField(
        label=gettext_lazy("Fee in percent of the net"), places=4, most=Decimal(100)
    )
    currency = forms.ChoiceField(
        label=gettext_lazy("Currency of the least and the most"),
        choices=currencies.choices,
        initial=currencies.home,
    )
    minimum = AmountField(
        label=gettext_lazy("At least"),
        help_text=gettext_lazy("Empty: no such bound."),
        required=False,
    )
    cap = AmountField(
        label=gettext_lazy("At most"),
        help_text=gettext_lazy("Empty: no such bound."),
        required=False,
    )
    valid_from = MomentField(
        label=gettext_lazy("In force from"),
        help_text=gettext_lazy("Empty: once it is approved."),
        required=False,
        widget=moment_input(),
    )
    valid_until = MomentField(
        label=gettext_lazy("In force until"),
        help_text=gettext_lazy("A promotion ends by itself. Empty: until it is ended."),
        required=False,
        widget=moment_input(),
    )
    reason = text_field(gettext_lazy("Reason"), chars_max=REASON_CHARS_MAX)


class EndForm(ReasonForm):
    at = MomentField(
        label=gettext_lazy("Ends at"),
        help_text=gettext_lazy("Empty: once it is approved."),
        required=False,
        widget=moment_input(),
    )
    field_order = ("at", "reason")


@admin.register(FeeAgreement, site=console)
class FeeTable(ReadOnlyTable):
    """Agreed fees, newest first, below the schedule for all sellers and what waits for a second person."""

    when_empty = gettext_lazy("No fee is agreed with a seller: the rules above hold for all.")
    list_display = (
        "seller", "fee", "valid_from", "valid_until", "standing", "proposed_by", "approved_by",
    )  # fmt: skip
    list_select_related = ("seller", "proposed_by", "approved_by")
    member_fields = ("seller",)
    search_fields = ("seller__public_id__exact", "seller__credit_code__exact", "public_id__exact")
    search_help_text = gettext_lazy("Id or credit code of the seller")
    list_before_template = "console/fees_note.html"
    ordering = ("-pk",)
    fields = (
        "public_id", "seller", "fee", "valid_from", "valid_until", "standing", "reason",
        "proposed_by", "approved_by", "approved_at", "withdrawn_by", "withdrawn_at",
    )  # fmt: skip
    actions_list = ("agree",)
    actions_detail = ("withdraw", "end")
    has_change_fee_permission = where(withdrawn_at=None)

    @column(gettext_lazy("fee"))
    def fee(self, row: FeeAgreement) -> str:
        said = [_("%(percent)s %% of the net") % {"percent": agreed_fees.percent_of(row.rate)}]
        if row.minimum_minor:
            said.append(_("at least %(amount)s") % {"amount": money_shown(row.minimum)})
        if row.cap_minor:
            said.append(_("at most %(amount)s") % {"amount": money_shown(row.cap)})
        return " · ".join(said)

    @column(
        gettext_lazy("state"),
        labels={"running": "success", "planned": "info", "withdrawn": "warning"},
    )
    def standing(self, row: FeeAgreement) -> tuple[str, str]:
        now = clock.now()
        if row.withdrawn_at is not None:
            return "withdrawn", _("withdrawn")
        if row.valid_from > now:
            return "planned", _("planned")
        if row.valid_until is not None and row.valid_until <= now:
            return "over", _("over")
        return "running", _("in force")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {**(extra_context or {}), "for_all": _for_all(clock.now()), "waiting": _waiting()}
        answer: HttpResponse = super().changelist_view(request, extra)
        return answer

    @act(gettext_lazy("Agree a fee with a seller"), path="agree", icon="add", variant=PRIMARY)
    def agree(self, request: HttpRequest) -> HttpResponse:
        return self.perform_on_list(
            request, _ask_to_agree, AgreeForm,
            title=_("Agree a fee with a seller"),
            sentence=_(
                "It holds in the place of the rules for all sellers, for what is ordered in its time,"
                " once a second rule keeper approves. What was ordered before keeps its fee."
            ),
            button=_("Propose"),
            done=ASKED,
        )  # fmt: skip

    @act(
        gettext_lazy("Withdraw"),
        path="withdraw",
        icon="undo",
        permission="change_fee",
        variant=DANGER,
    )
    def withdraw(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, partial(_ask, agreed_fees.WITHDRAW), ReasonForm,
            title=_("Withdraw a planned fee"),
            sentence=_("It never begins, once a second rule keeper approves."),
            button=_("Withdraw"),
            done=ASKED,
        )  # fmt: skip

    @act(gettext_lazy("End"), path="end", icon="event_busy", permission="change_fee")
    def end(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, partial(_ask, agreed_fees.END), EndForm,
            title=_("End an agreed fee"),
            sentence=_(
                "What is ordered from then on goes by the rules for all sellers, once a second rule"
                " keeper approves."
            ),
            button=_("End"),
            done=ASKED,
        )  # fmt: skip


def _ask_to_agree(
    *,
    seller: Organisation,
    percent: Decimal,
    minimum: Any,
    cap: Any,
    actor: Actor,
    now: datetime,
    **asked: Any,
) -> ApprovalRequest:
    arguments = agreed_fees.arguments(
        rate=percent / 100,
        minimum_minor=minimum.minor if minimum else 0,
        cap_minor=cap.minor if cap else 0,
        **asked,
    )
    return _request(agreed_fees.AGREE, seller.public_id, arguments, actor=actor, now=now)


def _ask(
    name: str,
    agreement_id: str,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    at: datetime | None = None,
) -> ApprovalRequest:
    arguments = {"reason": reason, "at": at.isoformat() if at else None}
    return _request(name, agreement_id, arguments, actor=actor, now=now)


def _request(
    name: str, subject: str, arguments: approvals.Arguments, *, actor: Actor, now: datetime
) -> ApprovalRequest:
    return approvals.ask(
        name, subject=subject, arguments=arguments, reason=arguments["reason"], actor=actor, now=now
    )


def _for_all(now: datetime) -> dict[str, object]:
    """The rules of the fee: what they say now, and what is planned."""
    rows = [
        [
            _linked("core_rule_change", version.rule_id, version.label),
            value_shown(version.declared, version.value),
            moment_shown(version.valid_from),
            end_shown(version.valid_until),
            _("planned") if version.valid_from > now else _("in force"),
            actor_shown(version.written_by),
        ]
        for version in fees.versions_of_rules(since=now)
    ]
    headers = [
        _("rule"), _("value"), _("in force from"), _("in force until"), _("state"), _("written by"),
    ]  # fmt: skip
    return {"headers": headers, "rows": rows}


def _waiting() -> dict[str, object]:
    """What is asked for: of agreed fees, and of the rules."""
    of_rules = Q(act__in=ACTS_OF_RULES, about__in=fees.names_of_rules())
    rows = [
        [
            _linked("members_approvalrequest_change", asked.pk, approvals.label(asked)),
            approvals.shown(asked),
            person_shown(asked.proposed_by),
            moment_shown(asked.proposed_at),
        ]
        for asked in approvals.waiting().filter(of_rules | Q(act__in=agreed_fees.NAMES))
    ]
    headers = [_("act"), _("what shall be done"), _("proposed by"), _("proposed")]
    return {"headers": headers, "rows": rows}


def _linked(route: str, key: int, words: str) -> str:
    return format_html(
        '<a class="underline" href="{}">{}</a>', reverse(f"console:{route}", args=[key]), words
    )
