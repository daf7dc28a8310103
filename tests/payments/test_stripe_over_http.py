"""`PAYMENT_PROVIDER=stripe` against the provider served over the network: the real kit and real connections."""

import threading
from collections.abc import Iterator

import pytest
import requests
from django.db import transaction
from django.test import Client
from pytest_django import Settings

from exchange.core.clock import now as clock_now
from exchange.journeys import acceptance
from exchange.members.roles import Role
from exchange.notices.models import Notice
from exchange.orders.lifecycle import OrderState
from exchange.payments import (
    card_pages,
    chart,
    payment_webhooks,
    payout_accounts,
    payouts,
    reactions,
    reconciliation,
)
from exchange.payments.gateway import stripe_gateway
from exchange.payments.gateway.port import OutcomeUnknown, ProviderRefused
from exchange.payments.gateway.providers import provider
from exchange.payments.gateway.sandbox import clock, messages, network, outgoing, store
from exchange.payments.gateway.sandbox.messages import Message
from exchange.payments.gateway.sandbox.models import Thing
from exchange.payments.lifecycle import PaymentState, PayoutAccountState
from exchange.payments.models import Payout, PayoutAccount, ProviderEvent
from tests.factories import accounts
from tests.factories import payments as money
from tests.factories.members import a_role
from tests.factories.orders import DAY, Market, a_market

pytestmark = pytest.mark.django_db(transaction=True)
CONNECT_SECRET = "whsec_connected"
ANSWER_SECONDS_MAX = 60


@pytest.fixture
def stand_in(settings: Settings) -> Iterator[str]:
    """The provider at a local address, which the settings name as Stripe's."""
    server = network.serve()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.PAYMENT_PROVIDER = "stripe"
    settings.STRIPE_SECRET_KEY = "sk_test_of_the_suite"
    settings.STRIPE_COUNTRY = "HK"
    settings.STRIPE_CONNECT_WEBHOOK_SECRET = CONNECT_SECRET
    settings.STRIPE_API_BASE = f"http://{network.LOCAL}:{server.server_address[1]}"
    yield settings.STRIPE_API_BASE
    server.shutdown()
    server.server_close()
    thread.join()


def post(message: Message) -> bool:
    said = Client().post(
        "/webhooks/payments", message.body, content_type="application/json",
        headers={"Stripe-Signature": message.signature},
    )  # fmt: skip
    return said.status_code == 200


def settle_down() -> None:
    """Messages through the exchange's own door, and the work that they make, until there are none."""
    heard = 1
    while heard:
        heard = messages.deliver_due(post, secret=money.SECRET, connect_secret=CONNECT_SECRET)
        money.work()


def answer(url: str, **given: str) -> requests.Response:
    """What the payer's browser does on the provider's page, up to where it leads."""
    return requests.post(url, data=given, allow_redirects=False, timeout=ANSWER_SECONDS_MAX)


def pay(market: Market, payment_id: str) -> str:
    """Give a card whose bank asks the payer, and agree; return where the page leads back to."""
    url = card_pages.open_card_page(actor=market.buying, payment_id=payment_id, now=DAY)
    assert "•" not in requests.get(url, timeout=ANSWER_SECONDS_MAX).text
    assert answer(url, card="declined").status_code == 200
    assert "It is me" in answer(url, card="confirm").text
    return answer(url, agreed="yes").headers["Location"]


def test_a_card_is_paid_and_captured_over_the_network(stand_in: str, settings: Settings) -> None:
    market = a_market()
    order = market.order(market.offer(100))
    payment = money.payment_of(order)
    back = f"{settings.PUBLIC_URL}/payments/{payment.public_id}/back/"
    assert pay(market, payment.public_id) == back
    settle_down()
    payment.refresh_from_db()
    order.refresh_from_db()
    assert (payment.state, payment.provider) == (PaymentState.RECEIVED, "stripe")
    assert (payment.provider_ref or "").startswith("cs_test_")
    assert order.state == OrderState.DELIVERED
    assert (money.held(order), money.on(chart.clearing("stripe", "CNY"))) == (10600, 10600 - 63)
    assert set(ProviderEvent.objects.values_list("provider", "state")) <= {
        ("stripe", "handled"), ("stripe", "ignored"),
    }  # fmt: skip
    assert reconciliation.reconcile(currency="CNY", now=DAY).sound
    assert payment_webhooks.sync_open(now=DAY + money.days(1)) == 0


def test_a_seller_abroad_is_identified_and_paid_over_the_network(
    stand_in: str, settings: Settings
) -> None:
    market = a_market()
    type(market.seller).objects.filter(pk=market.seller.pk).update(country="DE")
    sellers = money.finance_of(market)
    a_role(market.seller, accounts.owner_of(market.seller), Role.FINANCE)
    page = payout_accounts.begin(actor=sellers, currency="CNY", now=DAY)
    account = PayoutAccount.objects.get()
    assert (account.state, account.missing[0]) == (PayoutAccountState.PENDING, "external_account")
    assert "company.tax_id" in requests.get(page, timeout=ANSWER_SECONDS_MAX).text
    opened = Thing.objects.get(kind="account").body
    assert (opened["country"], opened["controller"]["requirement_collection"]) == ("DE", "stripe")
    back = answer(page, number=money.NUMBER).headers["Location"]
    assert back == f"{settings.PUBLIC_URL}/sell/payouts/account/back/"
    assert payout_accounts.refresh(actor=sellers, currency="CNY", now=DAY) is not None
    account.refresh_from_db()
    assert (account.state, account.missing, account.label[-4:]) == ("ready", [], "7890")

    order = market.order(market.offer(100))
    pay(market, money.payment_of(order).public_id)
    settle_down()
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    reactions.run_due(now=DAY + money.days(30))
    settle_down()
    payout = Payout.objects.get()
    assert (payout.state, payout.account.provider) == ("sent", "stripe")
    with transaction.atomic():
        outgoing.fail_payout(Thing.objects.get(kind="payout"))
    settle_down()
    payout.refresh_from_db()
    assert (payout.state, money.available(market)) == ("returned", 9800)
    assert reconciliation.reconcile(currency="CNY", now=DAY).sound
    assert money.books_are_sound()


def test_a_seller_of_whom_more_is_asked_is_told_and_not_paid(stand_in: str) -> None:
    market = a_market()
    a_role(market.seller, accounts.owner_of(market.seller), Role.FINANCE)
    sellers = money.finance_of(market)
    answer(payout_accounts.begin(actor=sellers, currency="CNY", now=DAY), number=money.NUMBER)
    settle_down()
    account = PayoutAccount.objects.get()
    assert account.state == PayoutAccountState.READY
    outgoing.restrict_account(account.provider_ref, missing="company.tax_id")
    settle_down()
    account.refresh_from_db()
    assert (account.state, account.missing) == (PayoutAccountState.PENDING, ["company.tax_id"])
    told = Notice.objects.get(kind="payments.payout_account.restricted")
    assert told.user_id == accounts.owner_of(market.seller).pk
    assert list(payouts.currencies_due(DAY.date())) == []
    reader = Client()
    reader.force_login(accounts.owner_of(market.seller))
    shown = reader.get("/sell/payouts/", headers={"Accept-Language": "en"}).content.decode()
    assert "The tax number of your organisation" in shown
    assert payout_accounts.sync_pending(now=DAY) == 0
    outgoing.finish_account(account.provider_ref, money.NUMBER)
    assert payout_accounts.sync_pending(now=clock_now() + money.days(1)) == 1
    account.refresh_from_db()
    assert account.state == PayoutAccountState.READY


def test_what_is_not_ours_is_refused_over_the_network(stand_in: str, settings: Settings) -> None:
    switches = clock.switchboard()
    switches.faults = [{"on": "GET /v1/balance", "do": "drop_reply", "times": 1}]
    switches.save()
    with pytest.raises(OutcomeUnknown):
        provider().balance("CNY")
    assert provider().balance("CNY").available.minor == 0
    said = requests.get(
        f"{stand_in}/v1/balance", timeout=ANSWER_SECONDS_MAX,
        headers={"Authorization": "Bearer sk_test_x", "Stripe-Version": "2020-08-27"},
    )  # fmt: skip
    assert said.status_code == 400
    settings.STRIPE_SECRET_KEY = "sk_live_never_taken_here"
    with pytest.raises((OutcomeUnknown, ProviderRefused)):
        provider().balance("CNY")


def test_the_version_is_the_one_that_the_kit_was_made_for() -> None:
    assert stripe_gateway.API_VERSION == store.API_VERSION == stripe_gateway.KIT_VERSION
