"""The provider misbehaves: lost answers, saved errors, refusals; nothing happens twice."""

import pytest

from exchange.core.models import OutboxJob
from exchange.journeys import acceptance
from exchange.payments import card_pages, reactions, reconciliation
from exchange.payments.errors import ProviderUnavailable
from exchange.payments.gateway.port import OutcomeUnknown, ProviderRefused
from exchange.payments.gateway.providers import provider
from exchange.payments.gateway.sandbox import clock, forms, server
from exchange.payments.gateway.sandbox.models import Line, Thing
from exchange.payments.gateway.sandbox.store import ApiError
from exchange.payments.lifecycle import PayoutState
from exchange.payments.models import Difference, Payout, ProviderMovement
from pricing.money import Money
from tests.factories import outbox as jobs
from tests.factories import payments as money
from tests.factories.orders import DAY, Market, a_market

pytestmark = pytest.mark.django_db
YUAN = Money(10_000, "CNY")


def fault(on: str, do: str, times: int = 1) -> None:
    switches = clock.switchboard()
    switches.faults = [*switches.faults, {"on": on, "do": do, "times": times}]
    switches.save()


def persist() -> None:
    """Work, and again after each delay, as the outbox does."""
    for _round in range(8):
        money.work()
        jobs.make_ready_jobs_due()
        money.deliver_messages()
    money.work()


@pytest.fixture
def market() -> Market:
    return a_market()


@pytest.mark.parametrize("do", ["drop_reply", "error_before", "save_error", "rate_limit"])
def test_a_capture_that_goes_wrong_is_made_once(market: Market, do: str) -> None:
    order = market.order(market.offer(100))
    money.give_card(market, order)
    fault("POST /v1/payment_intents/*/capture", do, times=2)
    money.deliver_messages()
    persist()
    assert money.payment_of(order).state == "received"
    assert money.held(order) == 10600
    assert Line.objects.filter(kind="charge").count() == 1
    assert OutboxJob.objects.filter(state="dead").count() == 0
    assert reconciliation.reconcile(currency="CNY", now=DAY).sound


@pytest.mark.parametrize(
    "on", ["POST /v1/transfers", "POST /v1/payouts", "GET /v1/transfers", "GET /v1/payouts"]
)
@pytest.mark.parametrize("do", ["drop_reply", "error_before", "save_error"])
def test_a_payout_that_goes_wrong_pays_once(market: Market, on: str, do: str) -> None:
    money.an_account(market)
    order = market.order(market.offer(100))
    money.pay_by_card(market, order)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    reactions.run_due(now=DAY + money.days(30))
    fault(on, do, times=2)
    persist()
    assert Payout.objects.get().state == PayoutState.SENT
    assert Thing.objects.filter(kind="transfer").count() == 1
    assert Thing.objects.filter(kind="payout").count() == 1
    assert reconciliation.reconcile(currency="CNY", now=DAY).sound


def test_an_answer_lost_after_the_key_ran_out_still_pays_once() -> None:
    gateway = provider()
    account = gateway.open_account(
        account_id="poa_1", holder="Seller", country="CN", currency="CNY", key="k0",
        number=money.NUMBER,
    )  # fmt: skip
    gateway.top_up(top_up_id="top_1", amount=YUAN, key="k1")
    fault("POST /v1/transfers", "drop_reply")
    with pytest.raises(OutcomeUnknown):
        gateway.pay_out(payout_id="pyo_1", account_ref=account.ref, amount=YUAN, key="k2")
    clock.advance(25 * 3600)
    gateway.pay_out(payout_id="pyo_1", account_ref=account.ref, amount=YUAN, key="k2")
    assert Thing.objects.filter(kind="transfer").count() == 1
    with pytest.raises(ProviderRefused) as refused:
        gateway.pay_out(payout_id="pyo_2", account_ref=account.ref, amount=YUAN, key="k3")
    assert refused.value.code == "balance_insufficient"


def test_a_payer_is_told_when_the_provider_is_away_and_nothing_was_charged(
    market: Market,
) -> None:
    order = market.order(market.offer(100))
    fault("POST /v1/checkout/sessions", "error_before")
    with pytest.raises(ProviderUnavailable) as refused:
        card_pages.open_card_page(
            actor=market.buying, payment_id=money.payment_of(order).public_id, now=DAY
        )
    assert refused.value.http_status == 503
    assert Thing.objects.count() == 0
    assert money.open_page(market, order).provider_ref is not None


def test_a_key_stands_for_one_request_and_gives_its_first_answer() -> None:
    def ask(amount: int) -> server.Answer:
        return server.answer(
            server.Request(
                method="POST",
                path="/v1/payment_intents",
                form_text=f"amount={amount}&currency=cny",
                key="k1",
            )
        )

    first, second, other = ask(500), ask(500), ask(501)
    assert (first.status, second.text, other.status) == (200, first.text, 400)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert Thing.objects.filter(kind="payment_intent").count() == 1
    clock.advance(24 * 3600 + 1)
    assert ask(501).status == 200


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ("currency=cny", "parameter_missing"),
        ("amount=500&currency=cny&colour=red", "parameter_unknown"),
        ("amount=five&currency=cny", "parameter_invalid"),
        ("amount=500&currency=cny&capture_method=later", "parameter_invalid"),
        ("amount=0&currency=cny", "amount_too_small"),
    ],
)
def test_requests_that_the_kits_types_do_not_allow_are_answered_400(form: str, code: str) -> None:
    said = server.answer(server.Request(method="POST", path="/v1/payment_intents", form_text=form))
    assert said.status == 400
    assert f'"code": "{code}"' in said.text
    assert Thing.objects.count() == 0


def test_every_type_of_the_kit_that_is_asked_can_be_read() -> None:
    for shape in forms.SHAPES.values():
        with pytest.raises(ApiError):
            forms.check(shape, dict.fromkeys([*shape.__required_keys__, "no_such_field"], "1"))


def test_the_books_and_the_provider_are_told_apart_line_by_line(market: Market) -> None:
    order = market.order(market.offer(100))
    money.pay_by_card(market, order)
    assert reconciliation.reconcile(currency="CNY", now=DAY).sound
    Line.objects.filter(kind="charge").update(amount=10_500)
    Line.objects.create(
        id="txn_x", kind="adjustment", source="adj_1", currency="cny", amount=7,
        created=clock.now(), available_on=clock.now(),
    )  # fmt: skip
    ProviderMovement.objects.all().delete()
    report = reconciliation.reconcile(currency="CNY", now=DAY)
    found = {one.kind.value: one.amount.minor for one in report.found}
    assert found == {"amount_differs": -100, "provider_only": 7, "balance_differs": -93}
    again = reconciliation.reconcile(currency="CNY", now=DAY)
    assert len(again.found) == 3
    assert Difference.objects.filter(closed_at=None).count() == 3
