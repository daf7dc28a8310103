"""Celery's wake-ups, by name. None takes an argument or returns anything; losing one loses only time."""

import structlog
from celery import shared_task

from accounts.sign_in import forget_ended_sessions
from exchange.auctions.notifications import notify_outbid
from exchange.audit import queries
from exchange.catalog import scheduled as offers_by_the_clock
from exchange.catalog import visits
from exchange.contracts import performance
from exchange.core import clock, clockwork, retention
from exchange.core import outbox as outbox_queries
from exchange.delivery import entitlements, links
from exchange.jobs import handlers, runner
from exchange.journeys import awards, billing, scheduled
from exchange.ledger import checks, holds
from exchange.metering import receipts
from exchange.negotiation import deciding
from exchange.vault import content, uploads

log = structlog.get_logger(__name__)

SWEEP_MAX = 200
LATE_SECONDS = 60
CLOCK = "system:clock"


@shared_task(name="jobs.run_outbox_due")
def run_outbox_due() -> None:
    """Do what is due, should no dispatcher have done it; raise the alarm over what is long overdue.

    Long work is left to the dispatchers: it would hold up every other task.
    """
    runner.drain(worker=clock.process_name(), limit=SWEEP_MAX, without=handlers.long_topics())
    age_seconds = outbox_queries.oldest_ready_age_seconds()
    if age_seconds > LATE_SECONDS:
        log.error("outbox.jobs.late", oldest_ready_age_seconds=age_seconds)


@shared_task(name="jobs.purge_old_rows")
def purge_old_rows() -> None:
    """Forget jobs done, answers given and visits counted longer ago than anybody can ask for, and sessions that
    are over."""
    log.info(
        "jobs.old_rows.purged",
        jobs=retention.purge_done_jobs(),
        idempotency_keys=retention.purge_idempotency_keys(),
        heartbeats=clockwork.forget_old_heartbeats(),
        sessions=forget_ended_sessions(),
        visits=visits.purge(now=clock.now()),
    )


@shared_task(name="jobs.run_data_due")
def run_data_due() -> None:
    """End what has run out: unfinished uploads, rights to data; remove links and content nobody needs."""
    now = clock.now()
    done = {
        "uploads": uploads.expire_uploads(now=now),
        "entitlements": entitlements.expire_due(now=now),
        "links": links.purge(now=now),
        "contents": content.purge_content(now=now),
        "leftovers": content.purge_incoming(now=now),
    }
    if any(done.values()):
        log.info("data.tended", **done)


@shared_task(name="jobs.expire_holds")
def expire_holds() -> None:
    """Release the holds whose time is over."""
    released = holds.expire_due(actor=CLOCK, now=clock.now())
    if released:
        log.info("ledger.holds.expired", count=released)


@shared_task(name="jobs.run_offers_due")
def run_offers_due() -> None:
    """End offers in whose place others have begun; bring the search up to what is on offer now."""
    done = offers_by_the_clock.run_due(now=clock.now())
    if done:
        log.info("catalog.offers.swept", count=done)


@shared_task(name="jobs.run_orders_due")
def run_orders_due() -> None:
    """Do what time alone does to orders: lapse, accept, renew."""
    done = scheduled.run_orders(now=clock.now())
    if any(done.values()):
        log.info("orders.orders.swept", **done)


@shared_task(name="jobs.run_auctions_due")
def run_auctions_due() -> None:
    """Do what time does to auctions: open, close, clear, award, give deposits back, tell the outbid."""
    now = clock.now()
    done = awards.run_due(now=now) + notify_outbid(now=now)
    if done:
        log.info("auctions.swept", count=done)


@shared_task(name="jobs.run_usage_due")
def run_usage_due() -> None:
    """Do what time does to usage plans: periods end, bills become final, receipts are due."""
    now = clock.now()
    done = billing.run_due(now=now) + receipts.make_due(now=now)
    if done:
        log.info("metering.swept", count=done)


@shared_task(name="jobs.run_asset_sales_due")
def run_asset_sales_due() -> None:
    """Do what time does to state-asset sales: announcements, biddings and notices end."""
    done = scheduled.run_asset_sales(now=clock.now())
    if done:
        log.info("asset_sales.swept", count=done)


@shared_task(name="jobs.run_negotiations_due")
def run_negotiations_due() -> None:
    """End negotiations that nobody answered, contracts that nobody signed, frameworks at their end."""
    now = clock.now()
    done = deciding.run_due(now=now) + performance.run_due(now=now)
    if done:
        log.info("negotiation.swept", count=done)


@shared_task(name="jobs.check_ledger")
def check_ledger() -> None:
    """Recompute the books from nothing and raise the alarm over any difference."""
    for finding in checks.run().findings:
        if finding.differences:
            log.error(
                "ledger.law.broken",
                law=finding.law,
                subjects=[difference.subject for difference in finding.differences],
            )


@shared_task(name="jobs.watch_sequencer")
def watch_sequencer() -> None:
    """Raise the alarm over a committed record that has waited too long for its place in the log."""
    waiting = queries.oldest_unsequenced(clock.now())
    if waiting is not None and waiting.is_late:
        log.error("audit.record.late", record=waiting.record, age_seconds=waiting.age_seconds)
