"""Acts that take two people: money by hand, rules, roles of the exchange; whatever the amount."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from exchange.core.refusals import NotAllowed, NotFound, Refusal
from exchange.core.rules import rule
from exchange.ledger import books
from exchange.members import approvals, rule_packs, team
from exchange.members.approvals import ApprovalOpen, NotProposer, ProposerLeft
from exchange.members.models import ApprovalRequest, RoleGrant
from exchange.members.roles import Role
from exchange.orders import limits
from exchange.orders.lifecycle import PaymentMethod
from exchange.payments import bank, by_hand, chart, reconciliation, wallets, withdrawals
from exchange.payments.bank import BankLine
from exchange.payments.models import Difference, IncomingTransfer
from pricing.money import Money
from tests.factories import accounts, members
from tests.factories import payments as money
from tests.factories.members import minutes
from tests.factories.orders import DAY, Market, a_market

pytestmark = pytest.mark.django_db
LATER = DAY + minutes(30)


@pytest.fixture
def market() -> Market:
    return a_market()


def line(market: Market, *, minor: int = 1, text: str = "") -> BankLine:
    return BankLine("B-1", DAY.date(), Money(minor, "CNY"), "City Gas", text)


def asked(market: Market, **given: object) -> ApprovalRequest:
    finance = market.exchange.acting_as(Role.EXCHANGE_FINANCE)
    return by_hand.ask_to_enter(line(market, **given), actor=finance, now=DAY)  # type: ignore[arg-type]


def test_a_line_of_one_cent_waits_for_a_second_person_and_is_entered_then(market: Market) -> None:
    """Case C2: an operator alone could fill a wallet with money that nobody sent."""
    request = asked(market)
    assert not IncomingTransfer.objects.exists()
    first = market.exchange.acting_as(Role.EXCHANGE_FINANCE)
    with pytest.raises(NotAllowed) as refused:
        approvals.approve(request.public_id, actor=first, now=LATER)
    assert refused.value.facts["reason"] == "own_making"
    second = market.exchange.acting_as(Role.EXCHANGE_FINANCE, 2)
    approvals.approve(request.public_id, actor=second, now=LATER)
    transfer = IncomingTransfer.objects.get()
    assert transfer.amount_minor == 1
    assert books.balance(chart.incoming(transfer.public_id), "CNY").minor == 1
    with pytest.raises(Refusal) as again:
        approvals.approve(request.public_id, actor=second, now=LATER)
    assert again.value.code == "illegal_transition"


def test_no_way_leads_around_the_second_person(market: Market) -> None:
    finance = market.exchange.acting_as(Role.EXCHANGE_FINANCE)
    with pytest.raises(NotAllowed) as refused:
        bank.enter(line(market), actor=finance, now=DAY)
    assert refused.value.facts["reason"] == "second_person_needed"
    assert not IncomingTransfer.objects.exists()


def test_operators_neither_ask_for_money_nor_approve_it(market: Market) -> None:
    with pytest.raises(NotAllowed) as refused:
        by_hand.ask_to_enter(line(market), actor=market.exchange.proposer, now=DAY)
    assert refused.value.facts["reason"] == "role_needed"
    request = asked(market)
    with pytest.raises(NotAllowed):
        approvals.approve(request.public_id, actor=market.exchange.approver, now=LATER)
    assert not IncomingTransfer.objects.exists()


def test_the_same_is_asked_for_once_and_declined_with_a_reason(market: Market) -> None:
    request = asked(market)
    with pytest.raises(ApprovalOpen):
        asked(market)
    second = market.exchange.acting_as(Role.EXCHANGE_FINANCE, 2)
    with pytest.raises(NotProposer):
        approvals.withdraw(request.public_id, actor=second, note="Not mine.", now=LATER)
    approvals.decline(request.public_id, actor=second, note="Not on the statement.", now=LATER)
    assert asked(market).decision == "open"


def test_who_asked_and_lost_the_role_is_no_first_person(market: Market) -> None:
    request = asked(market)
    grant = RoleGrant.objects.get(user=request.proposed_by)
    team.revoke_role(
        actor=market.exchange.proposer, grant_id=grant.public_id, reason="Gone.", now=DAY
    )
    second = market.exchange.acting_as(Role.EXCHANGE_FINANCE, 2)
    with pytest.raises(ProposerLeft):
        approvals.approve(request.public_id, actor=second, now=LATER)


def test_nobody_tied_to_the_wallets_owner_asks_or_approves(market: Market) -> None:
    wallet = wallets.wallet_of(
        organisation=market.buyer, currency="CNY", actor=market.buying, now=DAY
    )
    second = market.exchange.staff(Role.EXCHANGE_FINANCE, 2)
    accounts.a_member(market.buyer, user=second)
    request = asked(market, minor=100, text=wallet.reference)
    with pytest.raises(NotAllowed) as refused:
        approvals.approve(
            request.public_id, actor=market.exchange.acting_as(Role.EXCHANGE_FINANCE, 2), now=LATER
        )
    assert refused.value.facts["reason"] == "other_side"


def test_nobody_tied_to_the_seller_of_the_order_that_a_line_pays_asks_or_approves(
    market: Market,
) -> None:
    order = market.order(market.offer(100), method=PaymentMethod.BANK_TRANSFER)
    second = market.exchange.acting_as(Role.EXCHANGE_FINANCE, 2)
    accounts.a_member(market.seller, user=market.exchange.staff(Role.EXCHANGE_FINANCE, 2))
    tied = market.exchange.acting_as(Role.EXCHANGE_FINANCE, 2)
    text = money.payment_of(order).reference
    with pytest.raises(NotAllowed) as refused:
        by_hand.ask_to_enter(line(market, text=text), actor=tied, now=DAY)
    assert refused.value.facts["reason"] == "other_side"
    request = asked(market, minor=10600, text=text)
    with pytest.raises(NotAllowed) as barred:
        approvals.approve(request.public_id, actor=tied, now=LATER)
    assert barred.value.facts["reason"] == "other_side"
    assert second.own < tied.own
    assert not IncomingTransfer.objects.exists()


def test_nobody_tied_to_whom_a_transfer_names_matches_it_to_another_payment(market: Market) -> None:
    order = market.order(market.offer(100), method=PaymentMethod.BANK_TRANSFER)
    third = accounts.an_organisation()
    wallet = wallets.wallet_of(organisation=third, currency="EUR", actor=market.buying, now=DAY)
    transfer, _new = bank.enter(
        line(market, text=wallet.reference), actor=market.exchange.cashier, now=DAY
    )
    accounts.a_member(third, user=market.exchange.staff(Role.EXCHANGE_FINANCE, 1))
    with pytest.raises(NotAllowed) as refused:
        by_hand.ask_about(
            by_hand.MATCH, transfer.public_id, payment=money.payment_of(order).public_id,
            actor=market.exchange.acting_as(Role.EXCHANGE_FINANCE), now=DAY,
        )  # fmt: skip
    assert refused.value.facts["reason"] == "other_side"


def test_nobody_tied_to_a_party_explains_a_difference_or_declines_a_withdrawal(
    market: Market,
) -> None:
    money.fund_wallet(market.exchange, market.buyer, 100)
    order = market.order(market.offer(100), method=PaymentMethod.BANK_TRANSFER)
    bank.enter(
        line(market, minor=20000, text=money.payment_of(order).reference),
        actor=market.exchange.cashier, now=DAY,
    )  # fmt: skip
    difference = Difference.objects.get()
    owner = members.acting(accounts.owner_of(market.buyer), market.buyer)
    wanted = withdrawals.ask(actor=owner, amount=Money(4000, "CNY"), token="t-1", now=DAY)
    accounts.a_member(market.buyer, user=market.exchange.staff(Role.EXCHANGE_FINANCE, 2))
    tied = market.exchange.acting_as(Role.EXCHANGE_FINANCE, 2)
    acts: list[Callable[[], object]] = [
        lambda: reconciliation.take_difference(difference.public_id, actor=tied, now=LATER),
        lambda: reconciliation.explain_difference(
            difference.public_id, actor=tied, explanation="It is theirs.", now=LATER
        ),
        lambda: withdrawals.decline(wanted.public_id, actor=tied, reason="Not now.", now=LATER),
    ]
    for act in acts:
        with pytest.raises(NotAllowed) as refused:
            act()
        assert refused.value.facts["reason"] in ("other_side", "own_organisation")
    untied = market.exchange.acting_as(Role.EXCHANGE_FINANCE, 1)
    reconciliation.take_difference(difference.public_id, actor=untied, now=LATER)
    withdrawals.decline(wanted.public_id, actor=untied, reason="Unknown account.", now=LATER)


def test_what_can_never_be_done_is_not_asked_for(market: Market) -> None:
    """It would wait, and keep the same from being asked for, until somebody declined it."""
    order = market.order(market.offer(100), method=PaymentMethod.BANK_TRANSFER)
    payment = money.payment_of(order)
    transfer, _new = bank.enter(
        line(market, minor=10600, text=payment.reference), actor=market.exchange.cashier, now=DAY
    )
    finance = market.exchange.acting_as(Role.EXCHANGE_FINANCE)

    def ask(name: str, subject: str, **arguments: object) -> ApprovalRequest:
        return by_hand.ask_about(name, subject, actor=finance, now=DAY, **arguments)

    acts: dict[str, Callable[[], object]] = {
        "incoming_transfer_known": lambda: asked(market, minor=2),
        "match_refused": lambda: ask(by_hand.SEND_BACK, transfer.public_id, bank_ref="B-2"),
        "not_found": lambda: ask(by_hand.REFUND_AGAIN, "ref_none"),
        "insufficient_funds": lambda: by_hand.ask_to_top_up(
            amount=Money(10601, "CNY"), actor=finance, now=DAY
        ),
        "role_held": lambda: team.ask_for_staff(
            actor=market.exchange.proposer, user_id=market.exchange.second.public_id,
            role=Role.OPERATOR, reason="Twice.", now=LATER,
        ),
        "limit_refused": lambda: limits.ask(
            actor=market.leading, currency="CNY", limit=Money(-1, "CNY"), reason="Less.", now=DAY
        ),
    }  # fmt: skip
    for code, act in acts.items():
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.code == code
    with pytest.raises(Refusal):
        ask(by_hand.MATCH, transfer.public_id, payment=payment.public_id)
    assert not ApprovalRequest.objects.exists()


def test_a_request_whose_act_is_there_no_more_is_shown_as_it_stands(market: Market) -> None:
    request = asked(market)
    request.act = "payments.bank.gone"
    assert approvals.label(request) == "payments.bank.gone"
    assert (approvals.shown(request), approvals.approvers(request)) == ("B-1", "")
    keeper = market.exchange.acting_as(Role.RULE_KEEPER)
    with pytest.raises(NotFound):
        approvals.ask(rule_packs.AMEND, subject="x" * 121, actor=keeper, now=DAY)


@pytest.fixture
def nothing_declared(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    return lambda: monkeypatch.setattr(approvals, "_acts", {})


def test_a_request_whose_act_is_there_no_more_is_declined_or_taken_back_and_never_approved(
    market: Market, nothing_declared: Callable[[], None]
) -> None:
    finance = market.exchange.acting_as(Role.EXCHANGE_FINANCE)
    other = replace(line(market), bank_ref="B-2")
    declined, taken_back = asked(market), by_hand.ask_to_enter(other, actor=finance, now=DAY)
    of_buyer = limits.ask(
        actor=market.leading, currency="CNY", limit=Money(100, "CNY"), reason="More.", now=DAY
    )
    nothing_declared()
    first, second = market.exchange.proposer, market.exchange.approver
    with pytest.raises(NotFound):
        approvals.approve(declined.public_id, actor=second, now=LATER)
    with pytest.raises(Refusal):
        approvals.decline(declined.public_id, actor=market.leading, note="Gone.", now=LATER)
    approvals.decline(declined.public_id, actor=second, note="It is gone.", now=LATER)
    with pytest.raises(NotProposer):
        approvals.withdraw(taken_back.public_id, actor=first, note="Mine?", now=LATER)
    approvals.withdraw(taken_back.public_id, actor=finance, note="It is gone.", now=LATER)
    with pytest.raises(Refusal):
        approvals.decline(of_buyer.public_id, actor=second, note="Not ours.", now=LATER)
    approvals.withdraw(of_buyer.public_id, actor=market.leading, note="It is gone.", now=LATER)
    assert not approvals.waiting().exists()
    assert not approvals.waiting(organisation_id=market.buyer.pk).exists()


def test_who_approves_a_calendar_reads_its_source_and_every_day(market: Market) -> None:
    request = approvals.ask(
        rule_packs.PUBLISH, subject="CN/2031", actor=market.exchange.acting_as(Role.RULE_KEEPER), now=DAY,
        arguments={
            "source": "Notice 7", "tag": "M", "days": {"2031-01-01": False, "2031-01-04": True},
            "labels": {"2031-01-01": {"en": "New Year"}, "2031-01-04": {"en": "New Year"}},
        },
    )  # fmt: skip
    assert approvals.shown(request).splitlines() == [
        "CN/2031 · Notice 7 · Not yet checked",
        "2031-01-01 · day off · New Year",
        "2031-01-04 · working day · New Year",
    ]


def test_a_rule_changes_by_two_and_a_planned_change_is_taken_back_by_two(market: Market) -> None:
    keeper = market.exchange.acting_as(Role.RULE_KEEPER)
    second = market.exchange.acting_as(Role.RULE_KEEPER, 2)
    subject, begins = "cn-2026-07/soe.extension_days", DAY + minutes(24 * 60)
    before = rule(key="soe.extension_days", at=begins)
    wanted = {
        "value": "7", "tag": "D", "source": "Resolution 12", "reason": "More time",
        "valid_from": begins.isoformat(),
    }  # fmt: skip
    request = approvals.ask(
        rule_packs.AMEND, subject=subject, arguments=wanted, actor=keeper, now=DAY
    )
    assert rule(key="soe.extension_days", at=begins) == before
    with pytest.raises(NotAllowed):
        approvals.approve(request.public_id, actor=market.exchange.approver, now=DAY)
    approvals.approve(request.public_id, actor=second, now=LATER)
    planned = rule(key="soe.extension_days", at=begins)
    assert planned.as_int() == 7
    back = approvals.ask(
        rule_packs.TAKE_BACK, subject=subject, actor=second, now=LATER,
        arguments={"number": planned.number, "reason": "It was a mistake."},
    )  # fmt: skip
    approvals.approve(back.public_id, actor=keeper, now=LATER)
    after = rule(key="soe.extension_days", at=begins)
    assert (after.pk, after.valid_until) == (before.pk, None)


def test_a_version_in_force_is_not_taken_back(market: Market) -> None:
    with pytest.raises(Refusal) as refused:
        rule_packs.take_back(
            actor=market.exchange.rule_keeper, pack="cn-2026-07", key="soe.extension_days",
            number=1, reason="No.", now=DAY,
        )  # fmt: skip
    assert refused.value.code == "amendment_not_planned"
