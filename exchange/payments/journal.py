"""The journal of a month, as accountants import it: of an organisation's accounts, or of all the books.

Each booking is a line for its debit and one for its credit, with the number of the document that it is about. In an
organisation's own journal the sides are those of its own books: what the exchange holds for it is an asset there.
Net and tax stand once, on the first line of the month in which their document was issued; what the exchange
invoices for its fees is of the month whose fees they are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.core.downloads import csv_line
from exchange.core.inputs import read_day
from exchange.core.refusals import Refusal
from exchange.ledger import journal, months, movements
from exchange.ledger.models import Account, Transfer
from exchange.ledger.movements import Time
from exchange.members.actors import operating_organisation
from exchange.orders.models import Order
from exchange.payments import fee_invoices
from exchange.payments.lifecycle import DocumentKind
from exchange.payments.models import Document, FeeLine
from pricing.money import Money

CSV_HEAD = (
    "date", "booking", "document", "account", "counterparty", "kind", "subject", "currency",
    "debit", "credit", "net", "tax",
)  # fmt: skip
NUMBERED = (DocumentKind.INVOICE, DocumentKind.CREDIT_NOTE, DocumentKind.PAYOUT_STATEMENT)
TAXED = (DocumentKind.INVOICE, DocumentKind.CREDIT_NOTE, *fee_invoices.KINDS)


class MonthNotBegun(Refusal):
    """There is a journal of a month once it has begun."""

    code = "month_not_begun"


@dataclass(frozen=True)
class Period:
    """A month whose journal is asked for. It is provisional until the month is closed: lines may be added."""

    first_day: date
    time: Time
    is_provisional: bool

    @property
    def label(self) -> str:
        return f"{self.first_day:%Y-%m}"

    @property
    def name(self) -> str:
        """The month as names of files have it."""
        return f"{self.label}-provisional" if self.is_provisional else self.label


def period(month: str, *, now: datetime) -> Period:
    """The month that is written as `2026-11`. Raises InputUnreadable, InputOutOfRange and MonthNotBegun."""
    first_day = read_day(f"{month}-01")
    begins_at, ends_at = months.bounds(first_day)
    if now < begins_at:
        raise MonthNotBegun(
            _("The month %(month)s has not begun.") % {"month": f"{first_day:%Y-%m}"},
            begins_at=begins_at.isoformat(),
        )
    time = Time(begins_at, ends_at, movements.newest_seq())
    return Period(first_day, time, not months.closed_months_of([first_day]))


def first_moment(owner_id: int) -> datetime | None:
    """When the first account of an organisation was opened: its journal begins there."""
    opened = Account.objects.filter(owner=owner_id).order_by("opened_at")
    return opened.values_list("opened_at", flat=True).first()


@dataclass(frozen=True)
class Booking:
    """A transfer between two accounts, as one side's books name them."""

    seq: int
    day: date
    key: str
    document: str
    debit: Account
    credit: Account
    counterparty: str
    kind: str
    subject: str
    amount: Money
    taxed: tuple[Money, Money] | None


@dataclass
class Books:
    """Whose journal it is: an organisation's, or with None the exchange's."""

    owner: Organisation | None
    _shown: set[str] = field(default_factory=set)

    def bookings(self, of: Period, *, currency: str = "") -> Iterator[Booking]:
        """Every booking of a month, in the order of entry."""
        key = self.owner.pk if self.owner else None
        for transfers in journal.batches(of.time, owner_id=key, currency=currency):
            known = _Known.of(transfers)
            for one in transfers:
                yield self._booking(one, known, of)

    def account_of(self, account: Account) -> str:
        """What the account is called there: of others' accounts an organisation knows the family alone."""
        if self.owner is None or account.owner_id == self.owner.pk:
            return account.code
        return account.code.split(":", 1)[0]

    def _booking(self, one: Transfer, known: "_Known", of: Period) -> Booking:
        posting = one.posting
        document = known.fees.get(one.pk) if self.owner is None else None
        document = document or known.document_of(posting.key, posting.subject)
        debit, credit = (one.debit, one.credit) if self.owner is None else (one.credit, one.debit)
        number = document.number if document else _id_in(posting.subject) or posting.key
        return Booking(
            seq=one.seq,
            day=timezone.localtime(posting.effective_at).date(),
            key=f"{posting.scope}:{posting.key}",
            document=number,
            debit=debit,
            credit=credit,
            counterparty=self._counterparty(one, known),
            kind=one.kind or posting.kind,
            subject=posting.subject,
            amount=one.amount,
            taxed=self._taxed(document, of),
        )

    def _taxed(self, document: Document | None, of: Period) -> tuple[Money, Money] | None:
        if document is None or document.kind not in TAXED or document.number in self._shown:
            return None
        self._shown.add(document.number)
        content = document.content
        if document.kind in fee_invoices.KINDS:
            if content["month"] != of.label:
                return None
        elif not of.time.begins_at <= document.issued_at < of.time.ends_at:
            return None
        net, tax = content["net_minor"], content["tax_minor"]
        return Money(net, content["currency"]), Money(tax, content["currency"])

    def _counterparty(self, one: Transfer, known: "_Known") -> str:
        if self.owner is None:
            owner = one.debit.owner or one.credit.owner
            return owner.name if owner else ""
        order = known.orders.get(_id_in(one.posting.subject))
        if order is not None:
            return order.buyer.name if order.seller_id == self.owner.pk else order.seller.name
        return self._exchange_name

    @cached_property
    def _exchange_name(self) -> str:
        exchange = operating_organisation()
        return exchange.name if exchange else ""


@dataclass(frozen=True)
class _Known:
    """What the postings of some transfers are about."""

    documents: dict[str, Document]
    orders: dict[str, Order]
    fees: dict[UUID, Document]

    @classmethod
    def of(cls, transfers: Sequence[Transfer]) -> "_Known":
        postings = [one.posting for one in transfers]
        subjects = {_id_in(one.subject) for one in postings}
        causes = {one.key.split(":", 1)[0] for one in postings} | subjects
        documents = Document.objects.filter(kind__in=NUMBERED, cause__in=causes)
        orders = Order.objects.filter(public_id__in=subjects).select_related("buyer", "seller")
        fees = FeeLine.objects.filter(transfer__in=transfers, document__isnull=False)
        return cls(
            {one.cause: one for one in documents.order_by("pk")},
            {one.public_id: one for one in orders},
            {one.pk: one.document for one in fees.select_related("document") if one.document},
        )

    def document_of(self, key: str, subject: str) -> Document | None:
        """The document of a refund or a payout where the posting is of one, else that of its order."""
        return self.documents.get(key.split(":", 1)[0]) or self.documents.get(_id_in(subject))


def _id_in(subject: str) -> str:
    return subject.partition(":")[2]


def csv_of(books: Books, of: Period) -> Iterator[str]:
    """The journal as CSV: a line for each debit and each credit, in plain numbers."""
    yield csv_line(CSV_HEAD)
    for booking in books.bookings(of):
        amount, taxed = booking.amount.decimal, booking.taxed
        for account, debit, credit in ((booking.debit, amount, ""), (booking.credit, "", amount)):
            yield csv_line(
                (
                    booking.day.isoformat(),
                    booking.key,
                    booking.document,
                    books.account_of(account),
                    booking.counterparty,
                    booking.kind,
                    booking.subject,
                    booking.amount.currency,
                    debit,
                    credit,
                    taxed[0].decimal if taxed else "",
                    taxed[1].decimal if taxed else "",
                )
            )
            taxed = None
