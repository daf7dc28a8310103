"""Payouts by the exchange's own bank, where no provider is: made, approved by another, sent, confirmed, returned."""

from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from exchange.audit import agreement, verification
from exchange.audit.findings import Counts
from exchange.core.lifecycle import IllegalTransition
from exchange.core.refusals import NotAllowed
from exchange.journeys import acceptance
from exchange.members import approvals, relations
from exchange.members.actors import Actor
from exchange.members.models import Admission, ApprovalRequest, TieKind
from exchange.members.roles import Role
from exchange.orders.lifecycle import PaymentMethod
from exchange.payments import by_hand, chart, pain001, payout_files
from exchange.payments.bank import BankLine
from exchange.payments.errors import (
    NothingToPayOut,
    PayoutFileAtBank,
    PayoutFileNotApproved,
    PayoutNotByBank,
)
from exchange.payments.lifecycle import PayoutState
from exchange.payments.models import Difference, IncomingTransfer, Payout, PayoutAccount, PayoutFile
from pricing.money import Money
from tests.factories import payments as money
from tests.factories.members import acting
from tests.factories.orders import DAY, Market, a_market
from tests.payments.test_bank_transfers import arrive
from tests.payments.test_payouts import LATER, run

pytestmark = pytest.mark.django_db
SENT = {"csrfmiddlewaretoken": "none"}
NAMES = {"p": pain001.NAMESPACE}


@pytest.fixture
def market(settings: Settings) -> Market:
    """A sale that was paid by bank, where there is no provider, and accepted; its payout is promised."""
    settings.PAYMENT_PROVIDER = "none"
    market = a_market()
    money.an_account(market, number="DE89 3704 0044 0532 0130 00")
    order = market.order(market.offer(100), method=PaymentMethod.BANK_TRANSFER)
    arrive(market, "B1", 10600, text=money.payment_of(order).reference)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    run(market)
    return market


def clerk(market: Market) -> Actor:
    return acting(market.exchange.staff(Role.EXCHANGE_FINANCE, 1), market.exchange.organisation)


def approver(market: Market) -> Actor:
    return acting(market.exchange.staff(Role.EXCHANGE_FINANCE, 2), market.exchange.organisation)


def approved(market: Market) -> PayoutFile:
    file = payout_files.make(currency="CNY", actor=clerk(market), now=LATER)
    asked = by_hand.ask_about(
        by_hand.PAYOUT_FILE_APPROVED, file.public_id, actor=clerk(market), now=LATER
    )
    approvals.approve(asked.public_id, actor=approver(market), now=LATER)
    file.refresh_from_db()
    return file


def sent(market: Market) -> Payout:
    payout_files.note_sent(approved(market).public_id, actor=clerk(market), now=LATER)
    return Payout.objects.get()


def hear(market: Market, ref: str, minor: int, text: str, *, is_out: bool) -> None:
    """A line of the bank's statement, asked for by one and approved by another."""
    line = BankLine(ref, DAY.date(), Money(minor, "CNY"), "Pipeline Data", text, is_out)
    asked = by_hand.ask_to_enter(line, actor=clerk(market), now=LATER)
    approvals.approve(asked.public_id, actor=approver(market), now=LATER)


def test_a_file_is_made_approved_by_another_sent_and_confirmed(market: Market) -> None:
    file = approved(market)
    assert (file.state, file.payouts_count, file.total_minor) == ("approved", 1, 9800)
    assert file.approved_by != file.made_by
    assert money.on(chart.clearing("bank", "CNY")) == 10600
    payout_files.note_sent(file.public_id, actor=clerk(market), now=LATER)
    payout = Payout.objects.get()
    assert (payout.state, money.at_bank(), money.available(market)) == ("sent", 800, 0)
    reference = payout_files.reference_of(payout)
    for _time in range(2):
        payout_files.confirm(_line("S1", 9800, f"payout {reference}"), now=LATER)
    payout.refresh_from_db()
    assert (payout.state, payout.provider_ref) == (PayoutState.PAID, "S1")
    assert Difference.objects.count() == 0
    assert money.books_are_sound()
    found = [*agreement.findings(Counts()), *verification.findings(LATER, Counts())]
    assert [one.detail for one in found if "payout_file" in one.detail] == []


def _line(ref: str, minor: int, text: str) -> BankLine:
    return BankLine(ref, DAY.date(), Money(minor, "CNY"), "Pipeline Data", text, is_out=True)


def test_nobody_takes_a_file_that_is_not_approved_and_none_approves_alone(market: Market) -> None:
    file = payout_files.make(currency="CNY", actor=clerk(market), now=LATER)
    with pytest.raises(PayoutFileNotApproved):
        payout_files.content(file, form="xml")
    asked = by_hand.ask_about(
        by_hand.PAYOUT_FILE_APPROVED, file.public_id, actor=clerk(market), now=LATER
    )
    with pytest.raises(NotAllowed):
        approvals.approve(asked.public_id, actor=clerk(market), now=LATER)
    with pytest.raises(NotAllowed):
        payout_files.approve(file.public_id, actor=clerk(market), now=LATER)
    with pytest.raises(IllegalTransition):
        payout_files.note_sent(file.public_id, actor=clerk(market), now=LATER)
    with pytest.raises(NothingToPayOut):
        payout_files.make(currency="CNY", actor=clerk(market), now=LATER)
    payout_files.drop(file.public_id, actor=clerk(market), now=LATER)
    assert approved(market).payouts_count == 1
    assert Payout.objects.get().state == PayoutState.PROMISED


def test_who_is_tied_to_a_seller_has_no_hand_in_a_file_that_pays_it(market: Market) -> None:
    file = approved(market)
    relations.declare_tie(
        actor=market.exchange.approver, kind=TieKind.FAMILY, reason="Their brother.", now=LATER,
        user_id=market.exchange.staff(Role.EXCHANGE_FINANCE, 1).public_id,
        organisation_id=market.seller.public_id,
    )  # fmt: skip
    for act in (payout_files.note_sent, payout_files.drop):
        with pytest.raises(NotAllowed) as refused:
            act(file.public_id, actor=clerk(market), now=LATER)
        assert refused.value.facts["reason"] == "other_side"
    payout_files.note_sent(file.public_id, actor=approver(market), now=LATER)


def test_money_that_the_bank_sent_back_is_the_sellers_again(market: Market) -> None:
    reference = payout_files.reference_of(sent(market))
    hear(market, "R1", 9800, f"RETURN {reference[:16]} {reference[16:]}", is_out=False)
    payout = Payout.objects.get()
    assert (payout.state, payout.failure) == (PayoutState.RETURNED, "returned_by_bank")
    assert (money.at_bank(), money.available(market)) == (10600, 9800)
    assert PayoutAccount.objects.get().state == "closed"
    assert IncomingTransfer.objects.filter(bank_ref="R1").exists() is False
    assert money.books_are_sound()


def test_what_the_bank_did_twice_is_seen(market: Market) -> None:
    reference = payout_files.reference_of(sent(market))
    for ref in ("S1", "S1", "S2"):
        hear(market, ref, 9800, reference, is_out=True)
    assert [row.subject for row in Difference.objects.all()] == ["S2"]
    for ref in ("R1", "R2"):
        hear(market, ref, 9800, reference, is_out=False)
    hear(market, "S1", 9800, reference, is_out=True)
    line = BankLine("R1", DAY.date(), Money(9800, "CNY"), "Pipeline Data", reference)
    assert payout_files.note_returned(line, now=LATER) is True
    assert Payout.objects.get().provider_ref == "S1"
    assert money.available(market) == 9800
    assert [row.bank_ref for row in IncomingTransfer.objects.order_by("pk")] == ["B1", "R2"]
    assert Difference.objects.filter(subject="S1").exists() is False
    assert money.books_are_sound()


def test_a_line_confirms_what_nobody_noted_as_given_to_the_bank(market: Market) -> None:
    payout_files.make(currency="CNY", actor=clerk(market), now=LATER)
    payout = Payout.objects.get()
    line = _line("S1", 9800, payout_files.reference_of(payout))
    assert payout_files.confirm(line, now=LATER) is False
    payout_files.drop(PayoutFile.objects.get().public_id, actor=clerk(market), now=LATER)
    file = approved(market)
    assert payout_files.confirm(line, now=LATER) is True
    payout_files.note_sent(file.public_id, actor=clerk(market), now=LATER)
    payout.refresh_from_db()
    assert (payout.state, payout.provider_ref, money.at_bank()) == ("paid", "S1", 800)


def test_what_waits_for_a_closed_account_goes_to_the_new_one(market: Market) -> None:
    latest = money.an_account(market, number="CN00 1111 2222 3333", at=LATER)
    with pytest.raises(NothingToPayOut):
        payout_files.make(currency="CNY", actor=clerk(market), now=LATER)
    run(market, at=LATER + money.days(1))
    former, payout = Payout.objects.order_by("pk")
    assert (former.state, former.failure) == ("refused", "account_replaced")
    assert (payout.account, payout.amount_minor) == (latest, 9800)
    assert approved(market).payouts_count == 1
    assert money.books_are_sound()


def test_a_suspended_seller_waits(market: Market) -> None:
    market.exchange.suspend(Admission.objects.get(organisation=market.seller))
    with pytest.raises(NothingToPayOut):
        payout_files.make(currency="CNY", actor=clerk(market), now=LATER)
    assert Payout.objects.get().state == PayoutState.PROMISED


def test_a_payout_that_the_bank_refuses_before_it_leaves_is_the_sellers_again(
    market: Market,
) -> None:
    payout = sent(market)
    asked = by_hand.ask_about(
        by_hand.PAYOUT_REFUSED, payout.public_id, actor=clerk(market), now=LATER,
        of_account=False, bank_ref="RJCT 1",
    )  # fmt: skip
    approvals.approve(asked.public_id, actor=approver(market), now=LATER)
    payout.refresh_from_db()
    assert (payout.state, payout.failure) == ("returned", "refused_by_bank")
    assert (money.available(market), money.at_bank()) == (9800, 10600)
    assert PayoutAccount.objects.get().state == "ready"
    again = run(market, LATER + money.days(1))
    assert (again.pk != payout.pk, again.amount_minor) == (True, 9800)
    # It left all the same: two people have to look into it.
    hear(market, "B9", 9800, payout_files.reference_of(payout), is_out=True)
    assert Difference.objects.get().kind == "bank_only"
    assert money.books_are_sound()


def test_an_account_that_the_bank_does_not_take_is_named_anew(market: Market) -> None:
    payout = sent(market)
    told = {"of_account": True, "bank_ref": "RJCT 1"}
    asked = by_hand.ask_about(
        by_hand.PAYOUT_REFUSED, payout.public_id, actor=clerk(market), now=LATER, **told
    )
    approvals.approve(asked.public_id, actor=approver(market), now=LATER)
    assert PayoutAccount.objects.get().state == "closed"
    assert money.available(market) == 9800
    with pytest.raises(IllegalTransition):
        by_hand.ask_about(
            by_hand.PAYOUT_REFUSED, payout.public_id, actor=clerk(market), now=LATER, **told
        )


def test_what_the_provider_pays_is_not_noted_by_hand(market: Market) -> None:
    payout = Payout.objects.get()
    PayoutAccount.objects.update(provider="test")
    with pytest.raises(PayoutNotByBank):
        by_hand.ask_about(
            by_hand.PAYOUT_REFUSED, payout.public_id, actor=clerk(market), now=LATER,
            of_account=False, bank_ref="RJCT 1",
        )  # fmt: skip


def test_an_approved_file_that_the_bank_does_not_have_is_given_up_by_two(market: Market) -> None:
    file = approved(market)
    with pytest.raises(IllegalTransition):
        payout_files.drop(file.public_id, actor=clerk(market), now=LATER)
    asked = by_hand.ask_about(
        by_hand.PAYOUT_FILE_GIVEN_UP, file.public_id, actor=clerk(market), now=LATER,
        reason="The bank's page refused the file.",
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        approvals.approve(asked.public_id, actor=clerk(market), now=LATER)
    approvals.approve(asked.public_id, actor=approver(market), now=LATER)
    file.refresh_from_db()
    assert file.state == "dropped"
    with pytest.raises(PayoutFileNotApproved):
        payout_files.content(file, form="xml")
    next_file = payout_files.make(currency="CNY", actor=clerk(market), now=LATER)
    assert next_file.payouts.get().state == "promised"


def test_a_file_of_which_the_bank_made_a_payout_is_not_given_up(market: Market) -> None:
    file = approved(market)
    reference = payout_files.reference_of(Payout.objects.get())
    hear(market, "B8", 9800, reference, is_out=True)
    with pytest.raises(PayoutFileAtBank):
        by_hand.ask_about(
            by_hand.PAYOUT_FILE_GIVEN_UP, file.public_id, actor=clerk(market), now=LATER,
            reason="Nobody has given it to the bank.",
        )  # fmt: skip


def test_a_line_of_another_amount_confirms_nothing(market: Market) -> None:
    payout = sent(market)
    line = _line("S1", 9700, payout_files.reference_of(payout))
    assert payout_files.confirm(line, now=LATER) is False
    assert Payout.objects.get().state == PayoutState.SENT


def test_the_file_is_what_banks_read(market: Market, settings: Settings) -> None:
    settings.EXCHANGE_BANK_CODE = "BKCHCNBJ"
    file = approved(market)
    root = ET.fromstring(payout_files.content(file, form="xml"))  # noqa: S314 - our own
    assert root.tag == f"{{{pain001.NAMESPACE}}}Document"
    block = root.find("p:CstmrCdtTrfInitn/p:PmtInf", NAMES)
    assert block is not None
    assert [part.tag.partition("}")[2] for part in block] == [
        "PmtInfId", "PmtMtd", "BtchBookg", "NbOfTxs", "CtrlSum", "ReqdExctnDt", "Dbtr", "DbtrAcct",
        "DbtrAgt", "CdtTrfTxInf",
    ]  # fmt: skip
    said = {
        path: block.findtext("/".join(f"p:{name}" for name in path.split("/")), "", NAMES)
        for path in (
            "CtrlSum", "DbtrAgt/FinInstnId/BICFI", "CdtTrfTxInf/PmtId/EndToEndId",
            "CdtTrfTxInf/Amt/InstdAmt", "CdtTrfTxInf/CdtrAcct/Id/IBAN",
        )
    }  # fmt: skip
    reference = payout_files.reference_of(Payout.objects.get())
    assert list(said.values()) == [
        "98.00", "BKCHCNBJ", reference, "98.00", "DE89370400440532013000",
    ]  # fmt: skip
    lines = payout_files.content(file, form="csv").decode().split("\r\n")
    assert lines[1] == f"{reference},Pipeline Data,DE89370400440532013000,,98.00,CNY,{reference}"


def test_finance_makes_a_file_on_its_page_and_takes_it_once_it_is_approved(
    market: Market, settings: Settings
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    browser = Client()
    browser.force_login(market.exchange.staff(Role.EXCHANGE_FINANCE, 1))
    make = reverse("console:payments_payoutfile_make")
    assert '<option value="CNY">' in browser.get(make).content.decode()
    browser.post(make, {"currency": "CNY"})
    file = PayoutFile.objects.get()
    take = reverse("console:payments_payoutfile_take_csv", args=[file.pk])
    assert browser.get(take).status_code == 403
    browser.post(reverse("console:payments_payoutfile_approve", args=[file.pk]), SENT)
    asked = ApprovalRequest.objects.latest("pk")
    approvals.approve(asked.public_id, actor=approver(market), now=LATER)
    assert "98.00" in browser.get(take).content.decode()
    browser.post(reverse("console:payments_payoutfile_note_sent", args=[file.pk]), SENT)
    page = browser.get(reverse("console:payments_payoutfile_change", args=[file.pk]))
    assert "Given to the bank" in page.content.decode()
    assert Payout.objects.get().state == PayoutState.SENT
    payout = Payout.objects.get()
    refused = reverse("console:payments_payout_note_refused", args=[payout.pk])
    assert "no money left" in browser.get(refused).content.decode()
    browser.post(refused, SENT | {"bank_ref": "RJCT 1"})
    asked = ApprovalRequest.objects.latest("pk")
    approvals.approve(asked.public_id, actor=approver(market), now=LATER)
    assert browser.get(refused).status_code == 403
    assert Payout.objects.get().state == PayoutState.RETURNED
