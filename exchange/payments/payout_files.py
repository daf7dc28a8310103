"""Payouts that the exchange's own bank makes: a file of them, made by one of finance, approved by another, sent,
and each payout confirmed or returned by a line of the bank's statement.

A payout leaves the books when the file was sent, and is paid when the bank says so. Its reference stands on the
transfer, and comes back in the statement's text.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from exchange.core.lifecycle import Change
from exchange.core.use_case import use_case
from exchange.members import standing
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.members.standing import Business
from exchange.payments import pain001, parties, payout_accounts, payout_holds, payouts
from exchange.payments.bank import BankLine
from exchange.payments.chart import BANK
from exchange.payments.errors import (
    NothingToPayOut,
    PayoutFileAtBank,
    PayoutFileNotApproved,
    PayoutNotByBank,
)
from exchange.payments.gateway.port import MoneyStatus, ProviderPayout
from exchange.payments.lifecycle import (
    PAYOUT,
    PAYOUT_FILE,
    PayoutAccountState,
    PayoutFileState,
    PayoutFileTransition,
    PayoutState,
    PayoutTransition,
)
from exchange.payments.models import Payout, PayoutFile
from exchange.payments.refunds import checked_bank_ref

BATCH_MAX = 500
REFERENCE = re.compile(r"PYO[0-9A-Z]{26}")
RETURNED = "returned_by_bank"
REFUSED, REFUSED_ACCOUNT = "refused_by_bank", "account_refused_by_bank"
GIVEN_OUT = (PayoutFileState.APPROVED, PayoutFileState.SENT)
UNCONFIRMED = (PayoutState.PROMISED, PayoutState.SENT)


@use_case(Permission.PAYMENTS_HANDLE)
def make(*, currency: str, actor: Actor, now: datetime) -> PayoutFile:
    """Put the payouts that wait for the bank into a file. Those of a suspended member, and those that are held,
    wait on; those to an
    account that was closed are taken back by the next run. Raises NothingToPayOut."""
    rows = _ready(currency)
    if not rows:
        raise NothingToPayOut(_("No payout waits for the bank."), currency=currency)
    made = PayoutFile(
        currency=currency,
        payouts_count=len(rows),
        total_minor=sum(row.amount_minor for row in rows),
        made_by=actor.name,
        made_at=now,
    )
    PAYOUT_FILE.transition(made, PayoutFileTransition.MAKE, actor=actor, now=now)
    Payout.objects.filter(pk__in=[row.pk for row in rows]).update(file=made)
    return made


def currencies_waiting() -> Sequence[str]:
    """The currencies of the payouts that are in no file yet."""
    return sorted(set(waiting().values_list("currency", flat=True)))


def waiting() -> QuerySet[Payout]:
    """The payouts by the exchange's own bank that are in no file yet."""
    return Payout.objects.filter(state=PayoutState.PROMISED, account__provider=BANK, file=None)


def _ready(currency: str) -> list[Payout]:
    """What can be paid now, locked."""
    ready = waiting().filter(currency=currency, account__state=PayoutAccountState.READY)
    sellers = list(ready.values_list("organisation_id", flat=True))
    paid = standing.are(sellers, Business.OWED, lock=True) - payout_holds.held_of(sellers, currency)
    rows = ready.select_for_update(no_key=True, of=("self",)).filter(organisation__in=paid)
    return list(rows.order_by("pk")[:BATCH_MAX])


@use_case(Permission.PAYMENTS_RUN, locks=PAYOUT_FILE)
def approve(file: PayoutFile, *, actor: Actor, now: datetime) -> PayoutFile:
    """As the second person: from now on the file may be taken and given to the bank."""
    file.approved_by, file.approved_at = actor.name, now
    return PAYOUT_FILE.transition(
        file, PayoutFileTransition.APPROVE, actor=actor, now=now,
        save=("approved_by", "approved_at"),
    )  # fmt: skip


@use_case(Permission.PAYMENTS_HANDLE, locks=PAYOUT_FILE)
def drop(file: PayoutFile, *, actor: Actor, now: datetime) -> PayoutFile:
    """Give a file up that nobody approved: its payouts wait for the next."""
    PAYOUT_FILE.transition(file, PayoutFileTransition.DROP, actor=actor, now=now)
    file.payouts.update(file=None)
    return file


@use_case(Permission.PAYMENTS_RUN, locks=PAYOUT_FILE)
def give_up(file: PayoutFile, *, reason: str, actor: Actor, now: datetime) -> PayoutFile:
    """As the second person, give an approved file up that the bank does not have: its payouts wait for the
    next. Raises PayoutFileAtBank once a line of the bank's statement has confirmed one of them."""
    check_given_up(file)
    PAYOUT_FILE.transition(file, PayoutFileTransition.GIVE_UP, reason=reason, actor=actor, now=now)
    file.payouts.update(file=None)
    return file


def check_given_up(file: PayoutFile) -> None:
    """Raise IllegalTransition or PayoutFileAtBank where the file cannot be given up after its approval."""
    PAYOUT_FILE.check(file, PayoutFileTransition.GIVE_UP)
    if file.payouts.exclude(state=PayoutState.PROMISED).exists():
        raise PayoutFileAtBank(_("The bank has made payouts of this file: it cannot be given up."))


@use_case(Permission.PAYMENTS_RUN, locks=PAYOUT)
def note_refused(
    payout: Payout, *, of_account: bool, bank_ref: str, actor: Actor, now: datetime
) -> Payout:
    """As the second person, note that the bank refused a payout before its money left: the seller has it with
    the next run. Where the bank refused because `of_account`, that is closed, and the seller names another.
    Raises PayoutNotByBank, IllegalTransition."""
    check_refused(payout)
    failure = REFUSED_ACCOUNT if of_account else REFUSED
    payouts.undo(payout, failure=failure, ref=checked_bank_ref(bank_ref), now=now)
    if of_account:
        payout_accounts.close(payout.account, actor=actor, now=now)
    payout.refresh_from_db()
    return payout


def check_refused(payout: Payout) -> None:
    """Raise PayoutNotByBank or IllegalTransition unless the bank may have refused the payout."""
    if payout.account.provider != BANK:
        raise PayoutNotByBank(_("The payment provider says itself what became of this payout."))
    PAYOUT.check(payout, PayoutTransition.ARRIVE)  # of one under way alone


@use_case(Permission.PAYMENTS_HANDLE, locks=PAYOUT_FILE)
def note_sent(file: PayoutFile, *, actor: Actor, now: datetime) -> PayoutFile:
    """The bank has the approved file: each payout of it is on its way, and out of the books."""
    file.sent_by, file.sent_at = actor.name, now
    PAYOUT_FILE.transition(
        file, PayoutFileTransition.SEND, actor=actor, now=now, save=("sent_by", "sent_at")
    )
    for payout in file.payouts.order_by("pk"):
        payouts.apply(_told(payout, MoneyStatus.UNDER_WAY), now=now)
    return file


def confirm(line: BankLine, *, now: datetime) -> bool:
    """Whether a line that went out is one of our payouts, which it then confirms. The same line again changes
    nothing; another line about a payout that one has confirmed is no payout of ours."""
    payout = _named_in(line)
    if payout is None:
        return False
    if payout.state not in UNCONFIRMED:
        return payout.provider_ref == line.bank_ref
    payouts.apply(_told(payout, MoneyStatus.DONE, bank_ref=line.bank_ref), now=now)
    return True


def note_returned(line: BankLine, *, now: datetime) -> bool:
    """Whether a line that came in is one of our payouts sent back, which the seller then may have anew. The
    same line again changes nothing; more money that names the payout is an incoming transfer."""
    payout = _named_in(line)
    if payout is None:
        return False
    if payout.state == PayoutState.RETURNED:
        return payouts.came_back_as(payout, line.bank_ref)
    payouts.apply(_told(payout, MoneyStatus.FAILED), now=now)
    payouts.take_back(payout.public_id, ref=line.bank_ref, now=now)
    return True


def _named_in(line: BankLine) -> Payout | None:
    """The payout by bank, of that amount and in a file that may have been given to the bank, whose reference
    stands in the line's text. It is locked."""
    bare = "".join(char for char in line.text.upper() if char.isalnum())
    named = [f"pyo_{found[3:].lower()}" for found in REFERENCE.findall(bare)]
    rows = Payout.objects.filter(
        public_id__in=named, account__provider=BANK, amount_minor=line.amount.minor,
        currency=line.amount.currency, file__state__in=GIVEN_OUT,
    )  # fmt: skip
    found = rows.first()
    return None if found is None else PAYOUT.lock(found.public_id)


def _told(payout: Payout, status: MoneyStatus, *, bank_ref: str = "") -> ProviderPayout:
    """What the bank says, as a provider would."""
    failure = RETURNED if status is MoneyStatus.FAILED else ""
    return ProviderPayout(reference_of(payout), bank_ref, status, payout.public_id, failure)


def reference_of(payout: Payout) -> str:
    """What stands on the transfer: letters and digits only, which every bank lets through."""
    return payout.public_id.replace("_", "").upper()


def content(file: PayoutFile, *, form: str) -> bytes:
    """The file for the bank, as `xml` or `csv`. Raises PayoutFileNotApproved before a second person has
    approved it."""
    if file.state not in GIVEN_OUT:
        raise PayoutFileNotApproved(_("A second person has to approve the file first."))
    orders = _orders(file)
    if form == "csv":
        return "".join(pain001.csv_lines(orders)).encode()
    made_at = timezone.localtime(file.approved_at)
    payer = pain001.Holder(
        settings.EXCHANGE_BANK_HOLDER,
        "".join(char for char in settings.EXCHANGE_BANK_ACCOUNT.upper() if char.isalnum()),
        settings.EXCHANGE_BANK_CODE,
    )
    return pain001.xml(
        file_id=file.public_id.replace("_", "").upper(),
        made_at=made_at,
        pay_on=made_at.date(),
        payer=payer,
        orders=orders,
    )


def _orders(file: PayoutFile) -> Sequence[pain001.Order]:
    return [
        pain001.Order(
            reference_of(payout),
            pain001.Holder(payout.account.holder, payout.account.number, payout.account.bank_code),
            payout.amount,
        )
        for payout in file.payouts.select_related("account").order_by("pk")
    ]


def _facts(file: PayoutFile, _change: Change) -> dict[str, str]:
    return {
        "payouts": str(file.payouts_count),
        "total_minor": str(file.total_minor),
        "currency": file.currency,
    }


def _concerns(file: PayoutFile) -> Subject:
    """Each seller that the file pays: whoever is tied to one of them leaves it to others."""
    return Subject(
        organisation_id=None, other_side=frozenset(parties.of_payout_file(file.public_id))
    )


PAYOUT_FILE.record_facts = _facts
PAYOUT_FILE.concerns = _concerns
