"""How many clicks an operator's job takes, walked through real pages from the overview on.

`was` is what the job took before the console was rebuilt; 0 where it could not be done at all, None for jobs that
were not counted then. A job of more than six clicks takes at most half of them now, another at most four, and one
that was impossible at most six. The second person's clicks are counted apart, from their own overview.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.models import User
from exchange.catalog.lifecycle import ListingState
from exchange.catalog.models import Product
from exchange.catalog.reasons import CHECKLISTS
from exchange.disputes import answers, opening
from exchange.members.lifecycle import Standing
from exchange.members.models import Admission, ApprovalRequest, Proposal
from exchange.members.roles import Role
from exchange.orders.models import Order, Ruling
from exchange.payments import closing
from exchange.payments.models import BankDay, IncomingTransfer, Refund
from tests.console.walking import Walker
from tests.factories import payments as money
from tests.factories.catalog import a_stall
from tests.factories.members import minutes
from tests.factories.orders import DAY, Market, a_market
from tests.payments.test_bank_days import camt
from tests.payments.test_bank_statements import IBAN, entry
from tests.payments.test_statements import OVER, SOLD_IN, clerk

pytestmark = pytest.mark.django_db

MANY, OF_MANY_SHARE, OF_FEW_MAX, OF_IMPOSSIBLE_MAX = 6, 2, 4, 6
REASON = {"reason": "It is said why."}


@dataclass(frozen=True)
class Find:
    """Type into the search of the page, and press its button."""

    text: str


@dataclass(frozen=True)
class Send:
    """Fill in the form of the page that is sent there, and press its button."""

    url: str
    given: dict[str, Any]


# A link by its address; or what is known only once the steps before are done.
Step = Find | Send | str | Callable[[], "Send | str"]


@dataclass(frozen=True)
class Job:
    """A job as it is done now: who does it, by which steps, and what is true afterwards."""

    first: User
    steps: Sequence[Step]
    is_done: Callable[[], bool]
    second: User | None = None
    second_steps: Sequence[Step] = ()


def page(row: Model) -> str:
    meta = row._meta
    return reverse(f"console:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


def act(row: Model, name: str) -> str:
    meta = row._meta
    return reverse(f"console:{meta.app_label}_{meta.model_name}_{name}", args=[row.pk])


def table(name: str, query: str = "") -> str:
    return reverse(f"console:{name}_changelist") + query


def approval() -> list[Step]:
    """The second person's way to what was asked for last."""

    def asked() -> ApprovalRequest:
        return ApprovalRequest.objects.latest("pk")

    return [
        table("members_approvalrequest", "?decision__exact=open"),
        lambda: page(asked()),
        lambda: act(asked(), "approve"),
        lambda: Send(act(asked(), "approve"), {}),
    ]


def cashiers(market: Market) -> tuple[User, User]:
    finance = Role.EXCHANGE_FINANCE
    return market.exchange.staff(finance, 1), market.exchange.staff(finance, 2)


def approve_a_listing() -> Job:
    stall = a_stall()
    product = stall.submit(stall.complete())
    stages = {"stages": [move.value for move in CHECKLISTS]}
    return Job(
        stall.exchange.first,
        [
            table("catalog_product", "?turn__exact=operator"),
            page(product),
            Send(act(product, "whole"), stages),
        ],
        lambda: Product.objects.get(pk=product.pk).state == ListingState.LISTED,
    )


def suspend_a_member() -> Job:
    market = a_market()
    admission = Admission.objects.get(organisation=market.seller)
    propose = act(admission, "propose") + "?step=suspend"

    def proposed() -> Proposal:
        return admission.proposals.get(decision="open")

    return Job(
        market.exchange.first,
        [Find(market.seller.name), page(market.seller), propose, Send(propose, REASON)],
        lambda: Admission.objects.get(pk=admission.pk).standing == Standing.SUSPENDED,
        market.exchange.second,
        [
            table("members_proposal"),
            lambda: page(proposed()),
            lambda: act(proposed(), "approve"),
            lambda: Send(act(proposed(), "approve"), REASON),
        ],
    )


def restrict_a_member() -> Job:
    market = a_market()
    admission = Admission.objects.get(organisation=market.seller)
    restrict = act(admission, "restrict")
    return Job(
        market.exchange.first,
        [Find(market.seller.name), page(market.seller), restrict, Send(restrict, REASON)],
        lambda: Admission.objects.get(pk=admission.pk).standing == Standing.RESTRICTED,
    )


def rule_on_a_dispute() -> Job:
    market = a_market()
    order = market.delivered(100)
    dispute = opening.open_dispute(
        order.public_id, kind="not_as_described", reason="Half of the rows are missing.",
        actor=market.buying, now=DAY,
    )  # fmt: skip
    dispute = answers.answer(
        dispute.public_id, actor=market.selling, reason="They never were.", now=DAY + minutes(1)
    )
    decide = act(dispute, "decide") + "?ruling=refund:not_as_described"
    return Job(
        market.exchange.first,
        [
            table("disputes_dispute", "?turn__exact=operator"),
            page(dispute),
            decide,
            Send(decide, REASON),
        ],
        lambda: Ruling.objects.get().decision == "approved",
        market.exchange.second,
        [
            table("orders_ruling", "?decision__exact=open"),
            lambda: page(Ruling.objects.get()),
            lambda: act(Ruling.objects.get(), "approve"),
            lambda: Send(act(Ruling.objects.get(), "approve"), {}),
        ],
    )


def enter_a_transfer() -> Job:
    first, second = cashiers(a_market())
    enter = reverse("console:payments_incomingtransfer_enter_line")
    line = {"amount": "106.00", "text": "for the data", "payer_name": "City Gas", "bank_ref": "B-1"}
    return Job(
        first,
        [table("payments_incomingtransfer"), enter, Send(enter, line)],
        lambda: IncomingTransfer.objects.get().amount_minor == 10_600,
        second,
        approval(),
    )


def close_a_day() -> Job:
    first, second = cashiers(a_market())
    enter = reverse("console:payments_incomingtransfer_enter_statement")
    content = camt(entry("106.00", ref="B1"), opening="0.00", closing="106.00")
    return Job(
        first,
        [
            table("payments_incomingtransfer"),
            enter,
            Send(enter, {"statement": SimpleUploadedFile("day.xml", content)}),
        ],
        lambda: BankDay.objects.get().closing_minor == 10_600,
        second,
        approval(),
    )


def paid_order(market: Market) -> Order:
    order = market.order(market.offer(1234, title="Readings of gas meters"))
    money.pay_by_card(market, order)
    return order


def find_an_order_by_a_part() -> Job:
    market = a_market()
    order = paid_order(market)
    return Job(market.exchange.first, [Find(order.public_id[-6:]), page(order)], lambda: True)


def read_a_products_log() -> Job:
    market = a_market()
    product = paid_order(market).product
    log = table("audit_record", f"?about={product.public_id}")
    return Job(market.exchange.first, [Find("gas met"), page(product), log], lambda: True)


def export_for_an_accountant() -> Job:
    market = a_market()
    paid_order(market)
    month = closing.close_month(first_day=SOLD_IN, actor=clerk(market), now=OVER)
    return Job(
        market.exchange.first,
        [table("ledger_month"), page(month), act(month, "journal_csv")],
        lambda: True,
    )


def refund_an_amount() -> Job:
    market = a_market()
    order = paid_order(market)
    first, second = cashiers(market)
    refund = act(order, "refund_part")
    return Job(
        first,
        [
            Find(order.public_id),
            page(order),
            refund,
            Send(refund, {"amount": "20.00", "reason": "It came too late."}),
        ],
        lambda: Refund.objects.get().amount_minor == 2000,
        second,
        approval(),
    )


# The job, the clicks that it took, and those of the first and the second person that it takes.
JOBS: tuple[tuple[Callable[[], Job], int | None, int, int], ...] = (
    (approve_a_listing, 14, 6, 0),
    (suspend_a_member, 11, 4, 4),
    (rule_on_a_dispute, 9, 4, 4),
    (enter_a_transfer, 3, 3, 4),
    (find_an_order_by_a_part, 0, 2, 0),
    (read_a_products_log, 0, 3, 0),
    (export_for_an_accountant, 0, 3, 0),
    (close_a_day, 0, 4, 4),
    (restrict_a_member, None, 4, 0),
    (refund_an_amount, None, 4, 4),
)


def most(was: int | None) -> int:
    """The limit of a job by what it took."""
    if was == 0:
        return OF_IMPOSSIBLE_MAX
    return was // OF_MANY_SHARE if was is not None and was > MANY else OF_FEW_MAX


def walked(person: User, steps: Sequence[Step]) -> int:
    """The clicks of somebody who goes these steps from the overview on."""
    client = Client()
    client.force_login(person)
    walker = Walker(client, reverse("console:index"))
    for step in steps:
        now = step() if callable(step) else step
        if isinstance(now, Find):
            walker.find(now.text)
        elif isinstance(now, Send):
            walker.send(now.url, now.given)
        else:
            walker.follow(now)
    return walker.clicks


@pytest.mark.parametrize(
    ("begin", "was", "clicks", "seconds"), JOBS, ids=[job[0].__name__ for job in JOBS]
)
def test_a_job_takes_no_more_clicks_than_it_may(
    begin: Callable[[], Job], was: int | None, clicks: int, seconds: int, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    settings.EXCHANGE_BANK_ACCOUNT = IBAN
    job = begin()
    assert walked(job.first, job.steps) == clicks
    if job.second is not None:
        assert walked(job.second, job.second_steps) == seconds
    assert job.is_done()
    assert max(clicks, seconds) <= most(was)


def test_a_link_that_is_not_in_the_page_cannot_be_followed(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    market = a_market()
    with pytest.raises(AssertionError, match="has no link to"):
        walked(market.exchange.first, [page(market.seller)])


def test_the_limits_follow_from_what_a_job_took() -> None:
    assert [most(was) for was in (14, 11, 7, 6, 3, 0, None)] == [7, 5, 3, 4, 4, 6, 4]
