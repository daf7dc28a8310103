"""The first page: what waits for somebody, what is late, whether books and log are sound."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exchange.audit import queries
from exchange.audit.models import Pending
from exchange.catalog.queries import review_queue
from exchange.core import clock, clockwork
from exchange.core.models import OutboxJob
from exchange.core.outbox import oldest_ready_age_seconds
from exchange.core.outbox_lifecycle import OutboxState
from exchange.disputes.queries import waiting as disputes_waiting
from exchange.ledger.guards import missing_guards
from exchange.members.admission import admissions_waiting
from exchange.members.approvals import waiting as approvals_waiting
from exchange.members.proposals import proposals_waiting
from exchange.metering.lifecycle import DisputeState
from exchange.metering.models import UsageDispute
from exchange.orders.lifecycle import Decision
from exchange.orders.models import Ruling
from exchange.payments import holding, payout_files, payouts, refunds, withdrawals
from exchange.payments.distribution_lifecycle import DistributionState
from exchange.payments.lifecycle import DifferenceState, IncomingState, PayoutState
from exchange.payments.models import Difference, Distribution, IncomingTransfer, Payout

COUNT_MAX = 1000
READY_LATE_SECONDS = 60


@dataclass(frozen=True)
class Queue:
    """One number that leads to its page. `tone` is a colour and is told in words as well."""

    title: str
    figure: str
    note: str
    link: str
    icon: str
    tone: str = ""


def environment(_request: HttpRequest) -> list[str | Promise]:
    """The label beside the page's title, so that nobody mistakes one exchange for another."""
    labels: dict[str, list[str | Promise]] = {
        "production": [_("Production"), "danger"],
        "demonstration": [_("Demonstration"), "info"],
        "development": [_("Development"), "warning"],
    }
    return labels[settings.ENVIRONMENT]


def overview() -> list[Queue]:
    """All queues, most of them counted up to COUNT_MAX only."""
    now = clock.now()
    return [
        _admissions(),
        _proposals(),
        _approvals(),
        _listings(),
        _trade_disputes(),
        _rulings(),
        _disputes(),
        _transfers(),
        _payouts(),
        _refused_payouts(),
        *_by_bank(),
        _distributions(),
        _differences(),
        _dead(),
        _failing(),
        _ready(),
        _clockwork(),
        _unsequenced(now),
        _books(),
        *_held(now),
        _log(),
    ]


def _admissions() -> Queue:
    waiting = counted(admissions_waiting())
    return Queue(
        title=_("Admissions waiting"),
        figure=figure_of(waiting),
        note=_("It is the exchange's turn.") if waiting else _("Nobody waits for the exchange."),
        link=reverse("console:members_admission_changelist"),
        icon="how_to_reg",
        tone="warning" if waiting else "success",
    )


def _proposals() -> Queue:
    waiting = counted(proposals_waiting())
    return Queue(
        title=_("Proposals waiting"),
        figure=figure_of(waiting),
        note=_("A second person must decide.") if waiting else _("Nothing to decide."),
        link=reverse("console:members_proposal_changelist"),
        icon="groups_2",
        tone="warning" if waiting else "success",
    )


def _approvals() -> Queue:
    waiting = counted(approvals_waiting())
    return Queue(
        title=_("Approvals waiting"),
        figure=figure_of(waiting),
        note=_("A second person must decide.") if waiting else _("Nothing to decide."),
        link=reverse("console:members_approvalrequest_changelist") + "?decision__exact=open",
        icon="how_to_vote",
        tone="warning" if waiting else "success",
    )


def _listings() -> Queue:
    waiting = counted(review_queue())
    return Queue(
        title=_("Listings waiting"),
        figure=figure_of(waiting),
        note=_("It is the exchange's turn.") if waiting else _("Nobody waits for the exchange."),
        link=reverse("console:catalog_product_changelist") + "?turn__exact=operator",
        icon="storefront",
        tone="warning" if waiting else "success",
    )


def _trade_disputes() -> Queue:
    waiting = counted(disputes_waiting())
    return Queue(
        title=_("Disputes waiting"),
        figure=figure_of(waiting),
        note=_("It is the exchange's turn.") if waiting else _("Nobody waits for the exchange."),
        link=reverse("console:disputes_dispute_changelist") + "?turn__exact=operator",
        icon="gavel",
        tone="warning" if waiting else "success",
    )


def _rulings() -> Queue:
    waiting = counted(Ruling.objects.filter(decision=Decision.OPEN))
    return Queue(
        title=_("Rulings waiting"),
        figure=figure_of(waiting),
        note=_("A second person must decide.") if waiting else _("Nothing to decide."),
        link=reverse("console:orders_ruling_changelist") + "?decision__exact=open",
        icon="balance",
        tone="warning" if waiting else "success",
    )


def _transfers() -> Queue:
    waiting = counted(IncomingTransfer.objects.filter(state=IncomingState.NEW))
    return Queue(
        title=_("Transfers without a payment"),
        figure=figure_of(waiting),
        note=_("Match them, or send them back.") if waiting else _("All are matched."),
        link=reverse("console:payments_incomingtransfer_changelist") + "?state__exact=new",
        icon="account_balance",
        tone="warning" if waiting else "success",
    )


def _payouts() -> Queue:
    failed = counted(Payout.objects.filter(state=PayoutState.FAILED))
    return Queue(
        title=_("Payouts that failed"),
        figure=figure_of(failed),
        note=_("The sellers wait for their money.") if failed else _("None came back."),
        link=reverse("console:payments_payout_changelist") + "?state__exact=failed",
        icon="outbound",
        tone="danger" if failed else "success",
    )


def _refused_payouts() -> Queue:
    refused = counted(payouts.refused_and_not_made_good())
    return Queue(
        title=_("Payouts that were refused"),
        figure=figure_of(refused),
        note=_("The provider or the bank did not make them; its balance may be too small.")
        if refused
        else _("None was refused."),
        link=reverse("console:payments_payout_changelist") + "?unpaid=refused",
        icon="money_off",
        tone="danger" if refused else "success",
    )


def _by_bank() -> list[Queue]:
    """What somebody has to send from the exchange's own bank account, list by list."""
    lists: list[tuple[str, QuerySet[Any], str, str]] = [
        (_("Refunds to send"), refunds.to_send_by_bank(), "payments_refund", "?by=bank"),
        (
            _("Withdrawals to send"),
            withdrawals.to_send_by_bank(),
            "payments_withdrawal",
            "?by=bank",
        ),
        (_("Payouts in no file yet"), payout_files.waiting(), "payments_payout", "?unpaid=no_file"),
    ]
    return [_to_send(*one) for one in lists]


def _to_send(title: str, rows: QuerySet[Any], table: str, chosen: str) -> Queue:
    waiting = counted(rows)
    return Queue(
        title=title,
        figure=figure_of(waiting),
        note=_("Send them from the bank account.") if waiting else _("Nothing is to be sent."),
        link=reverse(f"console:{table}_changelist") + chosen,
        icon="outbox",
        tone="warning" if waiting else "success",
    )


def _distributions() -> Queue:
    objected = counted(Distribution.objects.filter(state=DistributionState.OBJECTED))
    return Queue(
        title=_("Distributions objected to"),
        figure=figure_of(objected),
        note=_("The parties wait for their money.") if objected else _("Nobody objects."),
        link=reverse("console:payments_distribution_changelist") + "?state__exact=objected",
        icon="call_split",
        tone="warning" if objected else "success",
    )


def _differences() -> Queue:
    open_ones = counted(Difference.objects.filter(state=DifferenceState.OPEN))
    return Queue(
        title=_("Differences"),
        figure=figure_of(open_ones),
        note=_("Books and provider do not agree.") if open_ones else _("Books and provider agree."),
        link=reverse("console:payments_difference_changelist") + "?state__exact=open",
        icon="rule",
        tone="danger" if open_ones else "success",
    )


def _disputes() -> Queue:
    waiting = counted(UsageDispute.objects.filter(state=DisputeState.OPEN))
    return Queue(
        title=_("Disputes about use"),
        figure=figure_of(waiting),
        note=_("It is the exchange's turn.") if waiting else _("Nothing to decide."),
        link=reverse("console:metering_usagedispute_changelist") + "?state__exact=open",
        icon="gavel",
        tone="warning" if waiting else "success",
    )


def _dead() -> Queue:
    dead = counted(OutboxJob.objects.filter(state=OutboxState.DEAD))
    return Queue(
        title=_("Dead letters"),
        figure=figure_of(dead),
        note=_("Work that failed for good.") if dead else _("All work got through."),
        link=reverse("console:core_outboxjob_changelist") + "?state__exact=dead",
        icon="mail_off",
        tone="danger" if dead else "success",
    )


def _failing() -> Queue:
    failing = counted(OutboxJob.objects.filter(state=OutboxState.READY, attempts__gt=0))
    return Queue(
        title=_("Work that is failing now"),
        figure=figure_of(failing),
        note=_("It is tried again: read why.") if failing else _("Nothing has to be tried again."),
        link=reverse("console:core_outboxjob_changelist") + "?state__exact=ready&attempts__gt=0",
        icon="sync_problem",
        tone="warning" if failing else "success",
    )


def _ready() -> Queue:
    age = oldest_ready_age_seconds()
    late = age > READY_LATE_SECONDS
    return Queue(
        title=_("Oldest work that is due"),
        figure=_("%(seconds)s s") % {"seconds": f"{age:.0f}"},
        note=_("The workers do not keep up.") if late else _("The workers keep up."),
        link=reverse("console:core_outboxjob_changelist") + "?state__exact=ready",
        icon="hourglass_top",
        tone="danger" if late else "success",
    )


def _clockwork() -> Queue:
    health = clockwork.health(now=clock.now())
    silent = len(health.late_tasks) or health.no_worker
    note = _("Some have not ended well for a minute.") if silent else _("All run on time.")
    if health.no_worker:
        note = _("No worker has given a sign of life for a minute.")
    elif health.wrong_clocks:
        note = _("The clock of a process differs from the database's.")
    return Queue(
        title=_("Scheduled tasks that are late"),
        figure=str(len(health.late_tasks)),
        note=note,
        link=reverse("console:schedules"),
        icon="schedule",
        tone="danger" if health.warnings else "success",
    )


def _unsequenced(now: datetime) -> Queue:
    waiting, oldest = counted(Pending.objects.all()), queries.oldest_unsequenced(now)
    late = oldest is not None and oldest.is_late
    return Queue(
        title=_("Records without an index"),
        figure=figure_of(waiting),
        note=_("The sequencer does not keep up.") if late else _("The sequencer keeps up."),
        link=reverse("console:audit_record_changelist"),
        icon="pending",
        tone="danger" if late else "success",
    )


def _books() -> Queue:
    missing = missing_guards()
    return Queue(
        title=_("Guards of the books"),
        figure=_("Missing") if missing else _("In place"),
        note=ngettext(
            "%(count)s guard is missing; nothing settles.",
            "%(count)s guards are missing; nothing settles.",
            len(missing),
        )
        % {"count": len(missing)}
        if missing
        else _("The trial balance shows the check."),
        link=reverse("console:trial_balance"),
        icon="balance",
        tone="danger" if missing else "success",
    )


def _held(now: datetime) -> list[Queue]:
    """Money that the provider wants paid out soon; nothing where no provider limits it."""
    if not holding.is_limited():
        return []
    payments, top_ups = holding.held_long(now=now), holding.top_ups_held_long(now=now)
    return [
        _held_long(_("Money held long at the provider"), payments, "payments_payment"),
        _held_long(_("Top-ups held long at the provider"), top_ups, "payments_cardtopup"),
    ]


def _held_long(title: str, rows: QuerySet[Any], table: str) -> Queue:
    held = counted(rows)
    facts = {"days": holding.days_max(), "percent": holding.ALARM_PERCENT}
    return Queue(
        title=title,
        figure=figure_of(held),
        note=_("Over %(percent)s%% of the %(days)s days that it may be held there.") % facts
        if held
        else _("None is near the %(days)s days that it may be held there.") % facts,
        link=reverse(f"console:{table}_changelist") + "?held=long",
        icon="lock_clock",
        tone="danger" if held else "success",
    )


def _log() -> Queue:
    newest = queries.newest()
    return Queue(
        title=_("Size of the log"),
        figure=f"{newest.tree_size:,}" if newest else "0",
        note=_("Records with an index, under a signed head."),
        link=reverse("console:audit_head_changelist"),
        icon="history_edu",
    )


def counted(rows: QuerySet[Any]) -> int:
    """How many rows there are, up to one more than COUNT_MAX."""
    return rows.order_by()[: COUNT_MAX + 1].count()


def figure_of(count: int) -> str:
    """What was counted, as a tile shows it."""
    return f"{COUNT_MAX:,}+" if count > COUNT_MAX else f"{count:,}"
