"""Statements to sellers, taken from the books: of each payout, and of each month.

A payout's statement holds every change of what was available since the payout before; they sum to the payout. A
month's gives opening balance, changes and closing balance of what a seller earned, could be paid and owed; they are
those of the month's report of the books. Lines beyond a number are summed in the document, and stand in the CSV.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.audit import log
from exchange.core.downloads import csv_line
from exchange.core.lifecycle import Doer
from exchange.core.periods import after_months
from exchange.core.refusals import NotFound
from exchange.core.use_case import use_case
from exchange.ledger import months, movements
from exchange.ledger.models import Account
from exchange.ledger.movements import Movement, Span, Time, Total
from exchange.members.actors import Actor, operating_organisation
from exchange.members.permissions import Permission
from exchange.orders.models import Order
from exchange.payments import chart, invoices
from exchange.payments.errors import StatementWouldChange
from exchange.payments.invoices import Draft
from exchange.payments.lifecycle import DocumentKind
from exchange.payments.models import Document, Payout, StatementRun
from pricing.money import Money

LINES_MAX = 500
SELLERS_A_BATCH = 100
BATCHES_A_TICK = 20
CSV_STEP = 500
CSV_HEAD = ("at", "account", "kind", "subject", "order", "currency", "amount")
KINDS = (DocumentKind.PAYOUT_STATEMENT, DocumentKind.MONTH_STATEMENT)
FAMILIES = ("pending", "available", "owed")


@dataclass(frozen=True)
class _Moved:
    """What moved on the accounts of one statement: the first lines, the totals of all, and what was sold."""

    lines: Sequence[Movement]
    totals: Sequence[Total]
    titles: Mapping[str, str]

    def shown(self, names: Mapping[str, str]) -> dict[str, Any]:
        """The first lines, and the sum of those that are left out."""
        left_minor = sum(row.change_minor for row in self.totals)
        left_minor -= sum(row.change_minor for row in self.lines)
        return {
            "lines": [
                {
                    "at": timezone.localtime(row.at).isoformat(timespec="seconds"),
                    "account": names[row.account],
                    "kind": row.kind,
                    "order": _order_in(row.subject),
                    "title": self.titles.get(_order_in(row.subject), ""),
                    "amount_minor": row.change_minor,
                }
                for row in self.lines
            ],
            "lines_left_out": sum(row.count for row in self.totals) - len(self.lines),
            "left_out_minor": left_minor,
        }


def of_payouts(payouts: Mapping[Payout, Span], *, actor: Doer, now: datetime) -> None:
    """Issue the statement of each payout that was just promised: what changed on the seller's account after the
    hold of the payout before, until before its own."""
    spans, exchange = list(payouts.values()), operating_organisation()
    every = _moved(movements.free(spans, limit=LINES_MAX), movements.free_totals(spans))
    drafts = [
        Draft(
            kind=DocumentKind.PAYOUT_STATEMENT,
            cause=payout.public_id,
            issuer=exchange or payout.organisation,
            receiver=payout.organisation,
            content=_of_payout(payout, span, moved),
        )
        for (payout, span), moved in zip(payouts.items(), every, strict=True)
    ]
    invoices.issue_many(drafts, actor=actor, now=now)


def _of_payout(payout: Payout, span: Span, moved: _Moved) -> dict[str, Any]:
    return {
        "format": "assay.payout_statement/2",
        "payout": payout.public_id,
        "run": payout.run.run_date.isoformat(),
        "receiver": invoices.party(payout.organisation),
        "account": payout.account.label,
        "currency": payout.currency,
        "amount_minor": payout.amount_minor,
        "opening_minor": payout.amount_minor - sum(row.change_minor for row in moved.totals),
        "after_seq": span.after,
        "until_seq": span.until,
        "totals": _totals(moved.totals),
        **moved.shown(dict.fromkeys(span.codes, "available")),
    }


def _totals(totals: Iterable[Total]) -> list[dict[str, Any]]:
    return [
        {"kind": row.kind, "count": row.count, "amount_minor": row.change_minor} for row in totals
    ]


def _moved(lines: Sequence[list[Movement]], totals: Sequence[list[Total]]) -> list[_Moved]:
    named = {_order_in(row.subject) for rows in lines for row in rows} - {""}
    found = Order.objects.filter(public_id__in=named).values_list("public_id", "title")
    titles = dict(found)
    return [_Moved(*one, titles) for one in zip(lines, totals, strict=True)]


def _order_in(subject: str) -> str:
    room, _colon, public_id = subject.partition(":")
    return public_id if room == "order" else ""


@dataclass(frozen=True)
class _Month:
    first_day: date
    time: Time

    @property
    def label(self) -> str:
        return f"{self.first_day:%Y-%m}"


def _month(first_day: date, *, until: int) -> _Month:
    first_day = first_day.replace(day=1)
    return _Month(first_day, Time(*months.bounds(first_day), until))


def _codes(seller: Organisation, currency: str) -> dict[str, str]:
    """The seller's accounts, and how a statement names each."""
    names = (chart.pending, chart.available, chart.receivable)
    return {
        name(seller.public_id, currency): family
        for name, family in zip(names, FAMILIES, strict=True)
    }


def _drafts(
    sellers: Sequence[Organisation], month: _Month
) -> tuple[list[Draft], list[StatementWouldChange]]:
    """What is to be issued: nothing for what a statement says already, nor where nothing was there and nothing
    moved. One that says otherwise is corrected while the month is open; where it is closed, it is refused."""
    kept, pairs = _kept_statements(sellers, month), _pairs(sellers)
    is_closed, exchange = bool(months.closed_months_of([month.first_day])), operating_organisation()
    drafts: list[Draft] = []
    refused: list[StatementWouldChange] = []
    for (seller, currency), content in zip(pairs, _of_month(pairs, month), strict=True):
        versions = kept.get((seller.pk, currency), [])
        former = versions[-1] if versions else None
        if content is None or (former and _says(former.content) == _says(content)):
            continue
        if former is not None and is_closed:
            refused.append(_would_change(former, month))
        else:
            drafts.append(_draft(seller, exchange or seller, month, content, versions))
    return drafts, refused


def _would_change(former: Document, month: _Month) -> StatementWouldChange:
    return StatementWouldChange(
        _("The month %(month)s is closed, and statement %(number)s would change. Open it first.")
        % {"month": month.label, "number": former.number},
        number=former.number,
    )


def _pairs(sellers: Sequence[Organisation]) -> list[tuple[Organisation, str]]:
    """Each seller with each currency in which it has earned: it owes in none of the others."""
    rows = Account.objects.filter(owner__in=sellers, code__startswith="seller:")
    known = {seller.pk: seller for seller in sellers}
    found = set(rows.values_list("owner_id", "currency"))
    return [(known[key], currency) for key, currency in sorted(found)]


def _of_month(
    pairs: Sequence[tuple[Organisation, str]], month: _Month
) -> Iterator[dict[str, Any] | None]:
    """The month of each seller in a currency; None where nothing was there and nothing moved."""
    every = [_codes(seller, currency) for seller, currency in pairs]
    spans = [month.time.span(list(names)) for names in every]
    before = movements.booked_before([code for names in every for code in names], month.time)
    moved = _moved(
        movements.booked(spans, month.time, limit=LINES_MAX),
        movements.booked_totals(spans, month.time),
    )
    for (seller, currency), names, mine in zip(pairs, every, moved, strict=True):
        if not mine.totals and not any(before.get(code) for code in names):
            yield None
            continue
        changes = {
            code: sum(row.change_minor for row in mine.totals if row.account == code)
            for code in names
        }
        yield {
            "format": "assay.month_statement/1",
            "month": month.label,
            "receiver": invoices.party(seller),
            "currency": currency,
            "until_seq": month.time.until,
            "accounts": [
                {
                    "account": family,
                    "opening_minor": before.get(code, 0),
                    "totals": _totals(row for row in mine.totals if row.account == code),
                    "closing_minor": before.get(code, 0) + changes[code],
                }
                for code, family in names.items()
            ],
            **mine.shown(names),
        }


def _draft(
    seller: Organisation,
    issuer: Organisation,
    month: _Month,
    content: dict[str, Any],
    versions: Sequence[Document],
) -> Draft:
    cause = f"{seller.public_id}:{content['currency']}:{month.label}"
    if versions:
        content["corrects"] = versions[-1].number
        cause += f":{len(versions) + 1}"
    return Draft(
        kind=DocumentKind.MONTH_STATEMENT,
        cause=cause,
        issuer=issuer,
        receiver=seller,
        content=content,
        corrects=versions[-1] if versions else None,
    )


def _says(content: Mapping[str, Any]) -> tuple[object, object]:
    """What makes one statement differ from another."""
    return content["accounts"], [row["amount_minor"] for row in content["lines"]]


def _kept_statements(
    sellers: Sequence[Organisation], month: _Month
) -> dict[tuple[int, str], list[Document]]:
    kept: dict[tuple[int, str], list[Document]] = {}
    rows = Document.objects.filter(
        kind=DocumentKind.MONTH_STATEMENT,
        receiver__in=sellers,
        content__month=month.label,
    )
    for row in rows.order_by("pk"):
        kept.setdefault((row.receiver_id, row.content["currency"]), []).append(row)
    return kept


@use_case(Permission.PAYMENTS_HANDLE)
def make_month(
    *, first_day: date, actor: Actor, now: datetime, seller: str = ""
) -> StatementRun | None:
    """As the exchange's finance, have the statements of a month that is over made, for all sellers by the clock,
    or of one seller at once. What they say already is not said again. Raises MonthNotOver, NotFound and
    StatementWouldChange."""
    months.check_over(first_day.replace(day=1), now=now)
    if not seller:
        return start_run(first_day, actor=actor, now=now)
    organisation = Organisation.objects.filter(public_id=seller).first()
    if organisation is None:
        raise NotFound(_("There is no such organisation."))
    month = _month(first_day, until=movements.newest_seq())
    drafts, refused = _drafts([organisation], month)
    for refusal in refused:
        raise refusal
    invoices.issue_many(drafts, actor=actor, now=now)
    return None


def start_run(first_day: date, *, actor: Doer, now: datetime) -> StatementRun:
    """Have the clock make the statements of a month, from the first seller on."""
    first_day = first_day.replace(day=1)
    run, _is_new = StatementRun.objects.select_for_update().get_or_create(
        first_day=first_day, defaults={"started_at": now, "started_by": actor.name}
    )
    run.started_at, run.started_by, run.finished_at = now, actor.name, None
    run.sellers_count = _sellers().count()
    run.done_count = run.issued_count = run.refused_count = run.last_seller_key = 0
    run.until_seq = movements.newest_seq()
    run.save()
    log.record(
        event="payments.statement_run.started",
        actor=actor.name,
        subject=f"statement_run:{run.public_id}",
        facts={"month": f"{first_day:%Y-%m}", "sellers": run.sellers_count},
        at=now,
    )
    return run


def run_due(*, actor: Doer, now: datetime) -> int:
    """Start the run of the month that is over, and take each open one on by some batches of sellers, each in a
    transaction of its own. Return how many statements were issued."""
    first_day = after_months(timezone.localtime(now - months.REST).date().replace(day=1), -1)
    issued = _start_once(first_day, actor=actor, now=now)
    for key in StatementRun.objects.filter(finished_at=None).order_by("pk").values_list("pk"):
        for _number in range(BATCHES_A_TICK):
            made = _batch(key[0], actor=actor, now=now)
            if made is None:
                break
            issued += made
    return issued


@use_case()
def _start_once(first_day: date, *, actor: Doer, now: datetime) -> int:
    if not StatementRun.objects.filter(first_day=first_day).exists() and _sellers().exists():
        start_run(first_day, actor=actor, now=now)
    return 0


@use_case()
def _batch(key: int, *, actor: Doer, now: datetime) -> int | None:
    """The next sellers of a run; None once there are none. A statement that would change in a closed month is
    counted and left as it is."""
    run = StatementRun.objects.select_for_update().get(pk=key)
    if run.finished_at is not None:
        return None
    sellers = list(_sellers().filter(pk__gt=run.last_seller_key)[:SELLERS_A_BATCH])
    month = _month(run.first_day, until=run.until_seq)
    drafts, refused = _drafts(sellers, month)
    run.refused_count = F("refused_count") + len(refused)
    if sellers:
        run.last_seller_key = sellers[-1].pk
        run.done_count = F("done_count") + len(sellers)
    if len(sellers) < SELLERS_A_BATCH:
        run.finished_at = now
    run.issued_count = F("issued_count") + len(drafts)
    run.save()
    invoices.issue_many(drafts, actor=actor, now=now)
    return len(drafts) if sellers else None


def _sellers() -> Any:
    """Who has an account of earnings in the books, in one order for all."""
    owners = Account.objects.filter(code__startswith="seller:").values("owner")
    return Organisation.objects.filter(pk__in=owners).order_by("pk")


def csv_of(document: Document) -> Iterator[str]:
    """Every line of a statement, from the books, however many there are."""
    yield csv_line(CSV_HEAD)
    content, seller = document.content, document.receiver
    names = _codes(seller, content["currency"])
    after = content.get("after_seq", 0)
    while batch := _csv_batch(document, list(names), after):
        for row in batch:
            amount = Money(row.change_minor, content["currency"])
            order = _order_in(row.subject)
            at = timezone.localtime(row.at).isoformat(timespec="seconds")
            yield csv_line(
                (
                    at,
                    names[row.account],
                    row.kind,
                    row.subject,
                    order,
                    amount.currency,
                    amount.decimal,
                )
            )
        after = batch[-1].seq


def _csv_batch(document: Document, codes: Sequence[str], after: int) -> list[Movement]:
    content = document.content
    if document.kind == DocumentKind.PAYOUT_STATEMENT:
        code = chart.available(document.receiver.public_id, content["currency"])
        span = Span([code], after, content["until_seq"])
        return movements.free([span], limit=CSV_STEP)[0]
    month = _month(date.fromisoformat(f"{content['month']}-01"), until=content["until_seq"])
    span = month.time.span(codes, after=after)
    return movements.booked([span], month.time, limit=CSV_STEP)[0]
