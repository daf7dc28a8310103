"""Money that people move or note by hand: which acts there are, what each is asked with, whom it concerns.

Each takes two people of the exchange's finance, whatever the amount (`members/approvals.py`): a line of
the bank's statement or a whole statement, a match to a payment, what is sent back, a withdrawal, a refund
tried again or sent by bank, money moved to the provider, a difference that is explained.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from exchange.core.formatting import money_shown
from exchange.core.refusals import NotFound
from exchange.members import approvals
from exchange.members.actors import Actor
from exchange.members.approvals import Act, Arguments
from exchange.members.models import ApprovalRequest
from exchange.members.permissions import Permission
from exchange.payments import (
    bank,
    bank_days,
    bank_out,
    bank_statements,
    parties,
    payout_files,
    reconciliation,
    refunds,
    top_up,
    withdrawals,
)
from exchange.payments.bank import BankLine
from exchange.payments.bank_days import Closing
from exchange.payments.lifecycle import (
    PAYOUT_FILE,
    PayoutFileTransition,
    WithdrawalTransition,
)
from exchange.payments.models import (
    Difference,
    IncomingTransfer,
    Payment,
    Payout,
    PayoutFile,
    Refund,
    Withdrawal,
)
from pricing.money import Money

ENTER, STATEMENT = "payments.bank.enter", "payments.bank.statement"
MATCH, SEND_BACK = "payments.bank.match", "payments.bank.send_back"
WITHDRAWAL_SENT = "payments.withdrawal.send"
REFUND_AGAIN, REFUND_SENT = "payments.refund.retry", "payments.refund.note_sent"
TOP_UP = "payments.top_up.promise"
EXPLAIN = "payments.difference.explain"
PAYOUT_FILE_APPROVED = "payments.payout_file.approve"
PAYOUT_FILE_GIVEN_UP = "payments.payout_file.give_up"
PAYOUT_REFUSED = "payments.payout.note_refused"


def ask_to_enter(line: BankLine, *, actor: Actor, now: datetime) -> ApprovalRequest:
    """Ask for one line of the bank's statement to be entered."""
    checked = bank.checked(line, now=now)
    bank.check_months_open([checked])
    return approvals.ask(
        ENTER, subject=checked.bank_ref, arguments=_kept(checked), actor=actor, now=now
    )


def ask_to_enter_statement(*, actor: Actor, content: bytes, now: datetime) -> ApprovalRequest:
    """Ask for a whole statement to be entered, its lines as they were read. Raises
    IncomingTransferRefused naming the lines that cannot be."""
    lines = bank_statements.read(content, now=now)
    bank.check_months_open(lines)
    closings = [bank_days.checked(one, now=now) for one in bank_statements.closings(content)]
    return approvals.ask(
        STATEMENT,
        subject=sha256(content).hexdigest(),
        arguments={
            "lines": [_kept(line) for line in lines],
            "closings": [_kept_closing(one) for one in closings],
        },
        actor=actor,
        now=now,
    )


def ask_to_top_up(*, amount: Money, actor: Actor, now: datetime) -> ApprovalRequest:
    """Ask for money to be moved from the bank to the provider."""
    asked = {"minor": amount.minor, "currency": amount.currency}
    return approvals.ask(TOP_UP, subject=amount.currency, arguments=asked, actor=actor, now=now)


def ask_about(
    name: str, subject: str, *, actor: Actor, now: datetime, **arguments: Any
) -> ApprovalRequest:
    """Ask for an act on one transfer, withdrawal or refund."""
    return approvals.ask(name, subject=subject, arguments=arguments, actor=actor, now=now)


def about(name: str, subject: str) -> str:
    """What an act is about, as who approves it reads: how much, and to or from whom."""
    return next(act for act in ACTS if act.name == name).shown(subject, {})


def _kept(line: BankLine) -> dict[str, Any]:
    return {
        "bank_ref": line.bank_ref,
        "received_on": line.received_on.isoformat(),
        "minor": line.amount.minor,
        "currency": line.amount.currency,
        "payer_name": line.payer_name,
        "text": line.text,
        "is_out": line.is_out,
    }


def _line(kept: Arguments) -> BankLine:
    return BankLine(
        bank_ref=kept["bank_ref"],
        received_on=date.fromisoformat(kept["received_on"]),
        amount=Money(kept["minor"], kept["currency"]),
        payer_name=kept["payer_name"],
        text=kept["text"],
        is_out=kept.get("is_out", False),
    )


def _kept_closing(closing: Closing) -> dict[str, Any]:
    return {
        "day": closing.day.isoformat(),
        "minor": closing.balance.minor,
        "currency": closing.balance.currency,
        "number": closing.number,
    }


def _closing(kept: Arguments) -> Closing:
    balance = Money(kept["minor"], kept["currency"])
    return Closing(date.fromisoformat(kept["day"]), balance, kept["number"])


def _enter(_subject: str, asked: Arguments, *, actor: Actor, now: datetime) -> object:
    _enter_line(_line(asked), actor=actor, now=now)
    return None


def _enter_all(_subject: str, asked: Arguments, *, actor: Actor, now: datetime) -> object:
    # What went out first: money that was sent back on the day that it went out came after it.
    for line in sorted(map(_line, asked["lines"]), key=lambda line: not line.is_out):
        _enter_line(line, actor=actor, now=now)
    for closing in map(_closing, asked.get("closings", [])):
        bank_days.close(closing, actor=actor, now=now)
    return None


def _enter_line(line: BankLine, *, actor: Actor, now: datetime) -> None:
    if line.is_out:
        bank_out.hold_against_books(line, actor=actor, now=now)
    elif not payout_files.note_returned(line, now=now):
        bank.enter(line, actor=actor, now=now)


def _approve_file(subject: str, _asked: Arguments, *, actor: Actor, now: datetime) -> object:
    return payout_files.approve(subject, actor=actor, now=now)


def _give_file_up(subject: str, asked: Arguments, *, actor: Actor, now: datetime) -> object:
    return payout_files.give_up(subject, reason=asked["reason"], actor=actor, now=now)


def _refuse_payout(subject: str, asked: Arguments, *, actor: Actor, now: datetime) -> object:
    return payout_files.note_refused(subject, actor=actor, now=now, **asked)


def _match(subject: str, asked: Arguments, *, actor: Actor, now: datetime) -> object:
    return bank.match(subject, payment_id=asked["payment"], actor=actor, now=now)


def _send_back(subject: str, asked: Arguments, *, actor: Actor, now: datetime) -> object:
    return bank.send_back(subject, bank_ref=asked["bank_ref"], actor=actor, now=now)


def _withdraw(subject: str, asked: Arguments, *, actor: Actor, now: datetime) -> object:
    return withdrawals.send(subject, bank_ref=asked["bank_ref"], actor=actor, now=now)


def _refund_again(subject: str, _asked: Arguments, *, actor: Actor, now: datetime) -> object:
    return refunds.retry(subject, actor=actor, now=now)


def _refund_sent(subject: str, asked: Arguments, *, actor: Actor, now: datetime) -> object:
    return refunds.note_sent_by_bank(subject, bank_ref=asked["bank_ref"], actor=actor, now=now)


def _top_up(_subject: str, asked: Arguments, *, actor: Actor, now: datetime) -> object:
    amount = Money(asked["minor"], asked["currency"])
    return top_up.top_up(actor=actor, amount=amount, now=now)


def _explain(subject: str, asked: Arguments, *, actor: Actor, now: datetime) -> object:
    return reconciliation.explain_difference(
        subject, explanation=asked["explanation"], actor=actor, now=now
    )


def _of_lines(_subject: str, asked: Arguments) -> Iterable[int]:
    lines = asked.get("lines", [asked])
    return parties.named_in(" ".join(line["text"] for line in lines))


def _of_match(subject: str, asked: Arguments) -> Iterable[int]:
    """Whose the payment is, and whom the transfer itself names."""
    payments = Payment.objects.filter(public_id=asked["payment"])
    return parties.of_payments(payments) | parties.of_transfer(subject)


def _of_withdrawal(subject: str, _asked: Arguments) -> Iterable[int]:
    rows = Withdrawal.objects.filter(public_id=subject)
    return rows.values_list("wallet__organisation_id", flat=True)


def _of_file(subject: str, _asked: Arguments) -> Iterable[int]:
    return parties.of_payout_file(subject)


def _of_payout(subject: str, _asked: Arguments) -> Iterable[int]:
    return parties.of_payout(subject)


def _of_transfer(subject: str, _asked: Arguments) -> Iterable[int]:
    return parties.of_transfer(subject)


def _of_refund(subject: str, _asked: Arguments) -> Iterable[int]:
    return parties.of_refund(subject)


def _of_difference(subject: str, _asked: Arguments) -> Iterable[int]:
    found = Difference.objects.filter(public_id=subject).first()
    return parties.of_difference(found) if found else ()


def _transfer(subject: str) -> IncomingTransfer:
    found = IncomingTransfer.objects.filter(public_id=subject).first()
    if found is None:
        raise NotFound(_("There is no such transfer."))
    return found


def _withdrawal(subject: str) -> Withdrawal:
    rows = Withdrawal.objects.select_related("wallet__organisation")
    found = rows.filter(public_id=subject).first()
    if found is None:
        raise NotFound(_("There is no such withdrawal."))
    return found


def _file(subject: str) -> PayoutFile:
    found = PayoutFile.objects.filter(public_id=subject).first()
    if found is None:
        raise NotFound(_("There is no such file."))
    return found


def _payout(subject: str) -> Payout:
    rows = Payout.objects.select_related("organisation", "account")
    found = rows.filter(public_id=subject).first()
    if found is None:
        raise NotFound(_("There is no such payout."))
    return found


def _refund(subject: str) -> Refund:
    rows = Refund.objects.select_related("payment__payer")
    found = rows.filter(public_id=subject).first()
    if found is None:
        raise NotFound(_("There is no such refund."))
    return found


def _check_lines(_subject: str, asked: Arguments, _now: datetime) -> None:
    for line in map(_line, asked.get("lines", [asked])):
        if not line.is_out:
            bank.known_as(line)


def _check_match(subject: str, asked: Arguments, _now: datetime) -> None:
    bank.check_match(_transfer(subject), bank.payment_to_match(asked["payment"]))


def _check_send_back(subject: str, asked: Arguments, _now: datetime) -> None:
    bank.rest_of(_transfer(subject))
    refunds.checked_bank_ref(asked["bank_ref"])


def _check_withdrawal(subject: str, asked: Arguments, _now: datetime) -> None:
    withdrawals.check_sent_by_bank(_withdrawal(subject), WithdrawalTransition.SEND)
    refunds.checked_bank_ref(asked["bank_ref"])


def _check_refund_again(subject: str, _asked: Arguments, _now: datetime) -> None:
    refunds.check_retry(_refund(subject))


def _check_refund_sent(subject: str, asked: Arguments, _now: datetime) -> None:
    refunds.check_sent_by_bank(_refund(subject))
    refunds.checked_bank_ref(asked["bank_ref"])


def _check_file(subject: str, _asked: Arguments, _now: datetime) -> None:
    PAYOUT_FILE.check(_file(subject), PayoutFileTransition.APPROVE)


def _check_file_given_up(subject: str, _asked: Arguments, _now: datetime) -> None:
    payout_files.check_given_up(_file(subject))


def _check_payout_refused(subject: str, asked: Arguments, _now: datetime) -> None:
    payout_files.check_refused(_payout(subject))
    refunds.checked_bank_ref(asked["bank_ref"])


def _check_top_up(_subject: str, asked: Arguments, _now: datetime) -> None:
    top_up.check(Money(asked["minor"], asked["currency"]))


def _check_explanation(subject: str, asked: Arguments, _now: datetime) -> None:
    reconciliation.check_explanation(subject, asked["explanation"])


def _line_shown(_subject: str, asked: Arguments) -> str:
    line = _line(asked)
    amount = money_shown(-line.amount if line.is_out else line.amount)
    return _joined(line.bank_ref, asked["received_on"], amount, line.payer_name, line.text)


def _statement_shown(_subject: str, asked: Arguments) -> str:
    """How many lines, how much in and out in each currency, then every line."""
    lines = [_line(kept) for kept in asked["lines"]]
    counted = ngettext("%(count)d line", "%(count)d lines", len(lines)) % {"count": len(lines)}
    shown = [f"{counted}: {_sums(line for line in lines if not line.is_out)}"]
    if any(line.is_out for line in lines):
        out = _sums(line for line in lines if line.is_out)
        shown.append(_("Sent out of the account: %(sums)s") % {"sums": out})
    shown += [
        _("Closing balance of %(day)s: %(balance)s")
        % {"day": closing.day.isoformat(), "balance": money_shown(closing.balance)}
        for closing in map(_closing, asked.get("closings", []))
    ]
    return "\n".join([*shown, *(_line_shown("", kept) for kept in asked["lines"])])


def _sums(lines: Iterable[BankLine]) -> str:
    totals: dict[str, Money] = {}
    for line in lines:
        currency = line.amount.currency
        totals[currency] = totals.get(currency, Money(0, currency)) + line.amount
    return ", ".join(money_shown(total) for total in totals.values()) or "0"


def _transfer_shown(subject: str, asked: Arguments) -> str:
    transfer = _transfer(subject)
    return _joined(
        money_shown(transfer.amount), transfer.payer_name, transfer.text, *asked.values()
    )


def _withdrawal_shown(subject: str, asked: Arguments) -> str:
    row = _withdrawal(subject)
    owner = str(row.wallet.organisation)
    return _joined(money_shown(row.amount), owner, row.wallet.reference, *asked.values())


def _refund_shown(subject: str, asked: Arguments) -> str:
    row = _refund(subject)
    return _joined(money_shown(row.to_give), str(row.payment.payer), *asked.values())


def _file_shown(subject: str, asked: Arguments) -> str:
    """What the file pays in all, then each payout; why, where it is to be given up."""
    file = _file(subject)
    rows = file.payouts.select_related("organisation", "account").order_by("pk")
    lines = [
        _joined(money_shown(row.amount), str(row.organisation), row.account.label) for row in rows
    ]
    return "\n".join([_joined(money_shown(file.total), asked.get("reason", "")), *lines])


def _payout_shown(subject: str, asked: Arguments) -> str:
    row = _payout(subject)
    account = _("the account is closed") if asked["of_account"] else ""
    return _joined(
        money_shown(row.amount), str(row.organisation), row.account.label, asked["bank_ref"],
        account,
    )  # fmt: skip


def _top_up_shown(_subject: str, asked: Arguments) -> str:
    return money_shown(Money(asked["minor"], asked["currency"]))


def _explanation_shown(subject: str, asked: Arguments) -> str:
    row = Difference.objects.filter(public_id=subject).first()
    if row is None:
        raise NotFound(_("There is no such difference."))
    amount, kind = money_shown(row.amount), str(row.get_kind_display())
    return _joined(amount, kind, row.subject, asked["explanation"])


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _act(
    name: str,
    label: Promise,
    perform: Callable[..., object],
    shown: Callable[[str, Arguments], str],
    check: Callable[[str, Arguments, datetime], object],
    parties: Callable[[str, Arguments], Iterable[int]] = lambda _subject, _asked: (),
) -> Act:
    return Act(
        name, label, ask=Permission.PAYMENTS_HANDLE, do=Permission.PAYMENTS_RUN,
        perform=perform, shown=shown, check=check, parties=parties,
    )  # fmt: skip


ACTS = (
    _act(
        ENTER, gettext_lazy("Enter a transfer"), _enter, _line_shown, _check_lines, _of_lines
    ),
    _act(
        STATEMENT, gettext_lazy("Enter a statement"), _enter_all, _statement_shown, _check_lines,
        _of_lines,
    ),
    _act(
        MATCH, gettext_lazy("Match the transfer to a payment"), _match, _transfer_shown,
        _check_match, _of_match,
    ),
    _act(
        SEND_BACK, gettext_lazy("Note what is left as sent back"), _send_back, _transfer_shown,
        _check_send_back, _of_transfer,
    ),
    _act(
        WITHDRAWAL_SENT, gettext_lazy("Note the withdrawal as sent"), _withdraw, _withdrawal_shown,
        _check_withdrawal, _of_withdrawal,
    ),
    _act(
        REFUND_AGAIN, gettext_lazy("Try the refund again"), _refund_again, _refund_shown,
        _check_refund_again, _of_refund,
    ),
    _act(
        REFUND_SENT, gettext_lazy("Note the refund as sent"), _refund_sent, _refund_shown,
        _check_refund_sent, _of_refund,
    ),
    _act(
        PAYOUT_FILE_APPROVED, gettext_lazy("Approve the payouts by bank"), _approve_file,
        _file_shown, _check_file, _of_file,
    ),
    _act(
        PAYOUT_FILE_GIVEN_UP, gettext_lazy("Give up the approved payouts by bank"), _give_file_up,
        _file_shown, _check_file_given_up, _of_file,
    ),
    _act(
        PAYOUT_REFUSED, gettext_lazy("Note the payout as refused by the bank"), _refuse_payout,
        _payout_shown, _check_payout_refused, _of_payout,
    ),
    _act(
        TOP_UP, gettext_lazy("Move money from the bank to the provider"), _top_up, _top_up_shown,
        _check_top_up,
    ),
    _act(
        EXPLAIN, gettext_lazy("Explain the difference"), _explain, _explanation_shown,
        _check_explanation, _of_difference,
    ),
)  # fmt: skip


def declare() -> None:
    """For `AppConfig.ready`."""
    for act in ACTS:
        approvals.declare(act)
