"""Shares of a product's revenue: proposed, agreed to, frozen with an order, paid out at its release."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from django.db import Error, connection, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Organisation
from exchange.audit.models import Record
from exchange.catalog import sharing
from exchange.catalog.buyable import frozen_shares
from exchange.catalog.models import Sharing, SharingParty
from exchange.catalog.sharing import ShareRequest, SharesRefused, SharingWaits
from exchange.core.formatting import day_shown
from exchange.core.lifecycle import IllegalTransition, Named
from exchange.core.refusals import NotAllowed, NotFound
from exchange.disputes import opening
from exchange.journeys import acceptance
from exchange.members.roles import Role
from exchange.members.standing import PartyNotInStanding
from exchange.notices.models import Notice
from exchange.orders.lifecycle import ORDER
from exchange.orders.models import Order
from exchange.orders.terms import renewed
from exchange.payments import chart, order_refunds, settlement, unpaid
from exchange.payments.allocation import split
from exchange.payments.models import Document, Settlement
from exchange.payments.settlement import Party
from exchange.payments.settlement import Sharing as Shared
from exchange.payments.unpaid import Why
from pricing.money import Money
from pricing.worth.proceeds import Fee
from tests.architecture.lock_order import Recorder
from tests.factories import accounts
from tests.factories import payments as money
from tests.factories.members import a_role, acting
from tests.factories.orders import DAY, Market, a_market
from tests.factories.sharing import a_receiver, agreed, leading, part, proposed
from tests.web.buyers import browser, shown

CNY = "CNY"

JOINING = """
    INSERT INTO catalog_sharingparty
        (sharing_id, position, organisation_id, percent, currency, first_minor, first_percent_max)
    SELECT sharing_id, 9, 1, 0, 'CNY', 1, 100 FROM catalog_sharingparty LIMIT 1
"""


@pytest.fixture
def market() -> Market:
    return a_market()


@pytest.fixture
def institute(market: Market) -> Organisation:
    return a_receiver(market.exchange)


def closed(market: Market, order: Order) -> Settlement:
    money.pay_by_card(market, order)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    return Settlement.objects.get(order=order)


def parts(settled: Settlement) -> dict[str, int]:
    return {share.organisation.name: share.amount_minor for share in settled.shares.all()}


# Against a slow twin: unit by unit, the largest remainder first, the earlier party in a tie.


def half_up(exact: Fraction) -> int:
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def twin(
    net: int, rate: Fraction, parties: list[tuple[int, int, int]]
) -> tuple[int, list[int], list[int]]:
    """Fee, first amounts and all that each party gets; percentages are in ten-thousandths."""
    fee = min(half_up(net * rate), net)
    left, firsts = net - fee, []
    for _percent, first, most in parties:
        given_ = min(first, most * net // 1_000_000, left)
        firsts.append(given_)
        left -= given_
    exact = [Fraction(left * percent, 1_000_000) for percent, _first, _most in parties]
    rest = [int(one) for one in exact]
    order = sorted(range(len(parties)), key=lambda at: (rest[at] - exact[at], at))
    for at in order[: left - sum(rest)]:
        rest[at] += 1
    return fee, firsts, [one + two for one, two in zip(firsts, rest, strict=True)]


@st.composite
def sharings(draw: st.DrawFn) -> list[tuple[int, int, int]]:
    """Up to eight parties whose percentages are whole, halves, or of the finest scale, often in a tie."""
    scale = draw(st.sampled_from([10_000, 5_000, 1]))
    count = draw(st.integers(1, 8))
    cuts = sorted(
        draw(st.lists(st.integers(0, 1_000_000 // scale), min_size=count - 1, max_size=count - 1))
    )
    ends = [0, *cuts, 1_000_000 // scale]
    percents = [(after - before) * scale for before, after in pairwise(ends)]
    if draw(st.booleans()) and 1_000_000 % count == 0:
        percents = [1_000_000 // count] * count
    firsts = draw(st.lists(st.integers(0, 300), min_size=count, max_size=count))
    mosts = draw(
        st.lists(
            st.sampled_from([0, 1, 100_000, 333_333, 1_000_000]), min_size=count, max_size=count
        )
    )
    return list(zip(percents, firsts, mosts, strict=True))


@given(
    parties=sharings(),
    net=st.one_of(st.integers(0, 400), st.integers(0, 10**12)),
    rate=st.sampled_from(["0", "0.02", "0.333", "1"]),
    percent=st.sampled_from([0, 6, 13]),
)
def test_a_split_is_that_of_the_slow_twin_and_loses_nothing(
    parties: list[tuple[int, int, int]], net: int, rate: str, percent: int
) -> None:
    tax = half_up(Fraction(net * percent, 100))
    shared = Shared(
        tuple(
            Party(
                Organisation(public_id=f"org_{number}"), Decimal(own) / 10_000, first,
                Decimal(most) / 10_000,
            )
            for number, (own, first, most) in enumerate(parties)
        ),
        CNY,
        "shr_1",
    )  # fmt: skip
    made = split(
        net=Money(net, CNY),
        tax=Money(tax, CNY),
        terms=shared.waterfall(Fee(Fraction(rate)), net=Money(net, CNY)),
    )
    fee, firsts, shares = twin(net, Fraction(rate), parties)
    assert (made.fee.minor, [one.minor for one in made.firsts]) == (fee, firsts)
    assert [one.minor for one in made.shares] == shares
    assert sum(shares) + fee + tax == made.gross.minor
    for (own, first, _most), share in zip(parties, made.shares, strict=True):
        assert share.minor == 0 or own or first


def test_first_amounts_are_of_their_own_currency_alone() -> None:
    party = Party(Organisation(public_id="org_1"), Decimal(100), 500)
    shared = Shared((party,), CNY, "shr_1")
    assert shared.waterfall(Fee(Fraction(0)), net=Money(1000, "EUR")).costs == []
    assert len(shared.waterfall(Fee(Fraction(0)), net=Money(1000, CNY)).costs) == 1


@pytest.mark.django_db
def test_shares_take_effect_once_all_parties_agreed_and_are_paid(
    market: Market, institute: Organisation
) -> None:
    offer = market.offer(100)
    made = proposed(offer.product, "70", part(institute, "30", first_minor=500))
    assert Notice.objects.filter(kind="catalog.sharing.proposed").exists()
    before = market.order(offer)
    assert "shares" not in before.terms
    sharing.agree(made.public_id, actor=leading(institute), now=DAY)
    again = sharing.agree(made.public_id, actor=leading(institute), now=DAY)
    assert again.state == "in_force"
    after = market.order(offer)
    assert after.terms["shares"] == made.public_id
    assert parts(closed(market, before)) == {"Pipeline Data": 9800}
    settled = closed(market, after)
    # 100.00 less the fee of 2.00 and 5.00 first: 93.00 to share.
    assert parts(settled) == {"Pipeline Data": 6510, "Institute": 500 + 2790}
    assert money.on(chart.pending(institute.public_id, CNY)) == 3290
    assert money.books_are_sound()


@pytest.mark.django_db
def test_each_party_reads_its_statement_and_its_earnings_and_the_buyer_neither(
    market: Market, institute: Organisation
) -> None:
    offer = market.offer(100)
    agreed(offer.product, "70", part(institute, "30"))
    order = market.order(offer)
    settled = closed(market, order)
    receiver = browser(accounts.owner_of(institute), institute)
    buyer = browser(market.agent, market.buyer)
    issued = Document.objects.filter(kind="statement", order=order)
    assert {one.receiver for one in issued} == {market.seller, institute}
    own = issued.get(receiver=institute)
    page = receiver.get(reverse("web:earnings")).content.decode()
    assert "29.40" in page
    assert own.number in page
    assert reverse("web:order", args=[order.public_id]) not in page
    document = receiver.get(reverse("web:numbered_document", args=[own.number, "html"]))
    assert "To Institute (30 % of the rest)" in document.content.decode()
    assert buyer.get(reverse("web:numbered_document", args=[own.number, "html"])).status_code == 404
    assert settled.document["shares"][1]["percent"] == "30"


@pytest.mark.django_db
def test_a_refund_is_given_by_all_in_proportion(market: Market, institute: Organisation) -> None:
    offer = market.offer(100)
    agreed(offer.product, "50", part(institute, "50"))
    order = market.order(offer)
    closed(market, order)
    order = ORDER.lock(order.public_id)
    order_refunds.refund(
        order, amount=Money(5300, CNY), reason="half", actor=Named("test:1"), now=DAY
    )
    assert {row.refunded_minor for row in order.settlement.shares.all()} == {2450}
    assert money.books_are_sound()


@pytest.mark.django_db
def test_shares_that_do_not_sum_are_refused_and_nothing_is_written(
    market: Market, institute: Organisation
) -> None:
    product = market.offer(100).product
    with pytest.raises(SharesRefused) as refused:
        proposed(product, "70", part(institute, "29.9999"))
    assert str(refused.value.message) == "The percentages sum to 99.9999; they have to sum to 100."
    for own, share in (
        ("70", part(market.seller, "30")),
        ("100", part(institute, "0")),
        ("-10", part(institute, "110")),
        ("69.99999", part(institute, "30.00001")),
        ("70", part(market.exchange.organisation, "30")),
    ):
        with pytest.raises(SharesRefused):
            proposed(product, own, share)
    with pytest.raises(NotFound):
        proposed(product, "70", ShareRequest("org_nobody", Decimal(30)))
    with pytest.raises(PartyNotInStanding):
        proposed(product, "70", part(accounts.an_organisation(), "30"))
    assert not Sharing.objects.exists()
    assert not Record.objects.filter(event__startswith="catalog.sharing").exists()


@pytest.mark.django_db
def test_who_would_lose_its_part_has_to_agree(market: Market, institute: Organisation) -> None:
    product = market.offer(100).product
    first = agreed(product, "70", part(institute, "30"))
    second = proposed(product, "100")
    assert second.state == "proposed"
    with pytest.raises(SharingWaits):
        proposed(product, "100")
    sharing.decline(second.public_id, reason="We built it.", actor=leading(institute), now=DAY)
    first.refresh_from_db()
    assert first.state == "in_force"
    third = proposed(product, "100")
    sharing.agree(third.public_id, actor=leading(institute), now=DAY)
    first.refresh_from_db()
    assert (first.state, first.ended_at) == ("ended", DAY)
    assert frozen_shares(product, at=DAY) == {}


@pytest.mark.django_db
def test_the_sharing_that_ends_is_locked_before_a_part_of_the_one_that_ends_it(
    market: Market, institute: Organisation
) -> None:
    product = market.offer(100).product
    agreed(product, "70", part(institute, "30"))
    second, locks = proposed(product, "80", part(institute, "20")), Recorder()
    with locks.watching():
        sharing.agree(second.public_id, actor=leading(institute), now=DAY)
    orders = {(edge.held.table, edge.wanted.table) for edge in locks.edges if edge.waits_for}
    assert ("catalog_sharing", "catalog_sharingparty") in orders
    assert ("catalog_sharingparty", "catalog_sharing") not in orders


@pytest.mark.django_db
def test_only_the_seller_proposes_and_takes_back_and_only_a_party_answers(
    market: Market, institute: Organisation
) -> None:
    product = market.offer(100).product
    made = proposed(product, "70", part(institute, "30"))
    with pytest.raises(NotFound):
        sharing.propose(
            product.public_id, percent=Decimal(100), shares=(), currency=CNY,
            actor=leading(institute), now=DAY,
        )  # fmt: skip
    with pytest.raises(NotFound):
        sharing.withdraw(made.public_id, actor=leading(institute), now=DAY)
    for stranger in (market.leading, market.selling):
        with pytest.raises(NotFound):
            sharing.agree(made.public_id, actor=stranger, now=DAY)
    with pytest.raises(NotAllowed):
        sharing.agree(
            made.public_id, actor=acting(accounts.a_member(institute), institute), now=DAY
        )
    sharing.withdraw(made.public_id, actor=market.selling, now=DAY)
    with pytest.raises(IllegalTransition):
        sharing.agree(made.public_id, actor=leading(institute), now=DAY)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE catalog_sharingparty SET percent = 50",
        "UPDATE catalog_sharingparty SET agreed_at = NULL, agreed_by_id = NULL",
        "UPDATE catalog_sharing SET currency = 'EUR'",
        "DELETE FROM catalog_sharingparty",
        "DELETE FROM catalog_sharing",
        JOINING,
    ],
)
def test_plain_sql_cannot_change_who_gets_what(
    market: Market, institute: Organisation, change: str
) -> None:
    agreed(market.offer(100).product, "70", part(institute, "30"))
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


@pytest.mark.django_db
def test_the_database_refuses_shares_that_are_not_the_whole(
    market: Market, institute: Organisation
) -> None:
    made = proposed(market.offer(100).product, "70", part(institute, "30"))

    def join() -> None:
        SharingParty.objects.create(
            sharing=made, position=7, organisation=market.buyer, percent=1, currency=CNY
        )
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(Error), transaction.atomic():
        join()


@pytest.mark.django_db
def test_seller_and_receiver_do_all_of_it_in_the_browser(
    market: Market, institute: Organisation
) -> None:
    offer = market.offer(100)
    page = reverse("web:sell_shares", args=[offer.product.public_id])
    seller = browser(accounts.owner_of(market.seller), market.seller)
    receiver = browser(accounts.owner_of(institute), institute)
    form = {
        "percent": "70", "currency": CNY, "organisation_1": institute.public_id,
        "percent_1": "20", "first_1": "5.00", "most_1": "10",
    }  # fmt: skip
    refused = seller.post(page, form)
    assert refused.status_code == 422
    assert "sum to 90" in refused.content.decode()
    assert seller.post(page, form | {"percent_1": "30"}).status_code == 302
    assert "Take the proposal back" in seller.get(page).content.decode()
    listed = receiver.get(reverse("web:shares")).content.decode()
    made = Sharing.objects.get()
    assert reverse("web:shares_agree", args=[made.public_id]) in listed
    answer = receiver.post(reverse("web:shares_agree", args=[made.public_id]), follow=True)
    assert "You agreed. It holds for what is ordered from now on." in answer.content.decode()
    made.refresh_from_db()
    assert made.state == "in_force"
    shown = seller.get(page).content.decode()
    assert "In force" in shown
    assert f'value="{institute.public_id}"' in shown
    seller.post(page, {"percent": "100", "currency": CNY})
    newest = Sharing.objects.order_by("-pk")[0]
    receiver.post(reverse("web:shares_decline", args=[newest.public_id]), {"reason": "No."})
    assert "No." in seller.get(page).content.decode()
    seller.post(page, {"percent": "100", "currency": CNY})
    newest = Sharing.objects.order_by("-pk")[0]
    seller.post(
        reverse("web:sell_shares_withdraw", args=[offer.product.public_id, newest.public_id])
    )
    newest.refresh_from_db()
    assert newest.state == "withdrawn"


@pytest.mark.django_db
def test_the_simulator_reckons_with_the_shares(market: Market, institute: Organisation) -> None:
    product = market.offer(100).product
    agreed(product, "70", part(institute, "30"))
    a_role(market.seller, accounts.owner_of(market.seller), Role.DATA_OWNER)
    seller = browser(accounts.owner_of(market.seller), market.seller)
    page = seller.get(
        reverse("web:sell_simulate", args=[product.public_id]),
        {"source": "typed", "willing": "100 x 1"},
    )
    assert "68.60" in page.content.decode()


@pytest.mark.django_db
def test_a_suspended_party_is_named_to_the_others_as_what_their_money_waits_for(
    market: Market, institute: Organisation
) -> None:
    offer = market.offer(100)
    agreed(offer.product, "70", part(institute, "30"))
    settled = closed(market, market.order(offer))
    market.exchange.suspend(institute.admissions.get())
    found = unpaid.of_seller(market.seller.pk, now=DAY)
    share = settled.shares.get(organisation=market.seller)
    waits = [(reason.why, reason.name) for reason in found.for_share(share, None)]
    assert waits == [(Why.CLEARING, ""), (Why.SUSPENDED, "Institute")]


@pytest.mark.django_db
def test_who_gets_a_part_sees_what_of_it_is_held_and_until_when(
    market: Market, institute: Organisation
) -> None:
    offer = market.offer(100)
    agreed(offer.product, "70", part(institute, "30", first_minor=500))
    order = market.order(offer)
    money.pay_by_card(market, order)
    order.refresh_from_db()
    assert order.inspection_ends_at is not None
    due = day_shown(timezone.localtime(settlement.clearing_moment(order.inspection_ends_at)).date())
    page = reverse("web:earnings_held") + "?show=others"
    receiver = browser(accounts.owner_of(institute), institute)
    told = shown(receiver, page)
    # 5.00 first and 30 % of 93.00.
    assert "32.90" in told
    assert due in told
    assert "sold by Pipeline Data" in told
    assert "City Gas" not in told
    own = shown(
        browser(accounts.owner_of(market.seller), market.seller), reverse("web:earnings_held")
    )
    assert "65.10" in own
    assert "No money is held" in shown(receiver, reverse("web:earnings_held"))
    order_refunds.refund(
        ORDER.lock(order.public_id), amount=Money(5300, CNY), reason="half", actor=Named("test:1"),
        now=DAY,
    )  # fmt: skip
    assert "16.45" in shown(receiver, page)
    opening.open_dispute(
        order.public_id, kind="not_as_described", actor=market.buying, reason="No.", now=DAY
    )
    told = shown(receiver, page)
    assert "A dispute is open" in told
    assert due not in told


@pytest.mark.django_db
def test_a_renewal_is_shared_as_it_is_when_its_period_begins(
    market: Market, institute: Organisation
) -> None:
    offer = market.offer(100)
    order = market.order(offer)
    made = agreed(offer.product, "70", part(institute, "30"))
    assert "shares" not in renewed(order.terms, order.product, day=DAY - money.days(1), now=DAY)
    again = renewed(order.terms, order.product, day=DAY, now=DAY)
    assert again == {**order.terms, "shares": made.public_id}
