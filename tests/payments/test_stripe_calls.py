"""Each call that the gateway makes of Stripe's kit, as it goes over the wire: held to what was recorded, to
the kit's own types of parameters, and its answer to the kit's own objects."""

import json
import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import stripe
from pytest_django import Settings
from stripe._object_classes import OBJECT_CLASSES

from exchange.payments.gateway.port import Provider
from exchange.payments.gateway.providers import provider
from exchange.payments.gateway.sandbox import cards, forms, outgoing, server
from exchange.payments.gateway.sandbox.models import Thing
from exchange.payments.gateway.sandbox.transport import InProcess
from exchange.payments.gateway.stripe_gateway import StripeGateway
from pricing.money import Money
from tests.factories import payments as money

pytestmark = pytest.mark.django_db
RECORDED = Path(__file__).with_name("stripe_calls.json")
ID = re.compile(r"\b(cs_test|pi|pm|cus|ch|re|acct|tr|po)_[0-9a-z]{10,}")
Call = dict[str, Any]


@pytest.fixture
def wire(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> list[tuple[Call, Mapping[str, Any]]]:
    """What was asked, with ids taken out, and what was answered."""
    settings.PUBLIC_URL = "https://exchange.test"
    seen: list[tuple[Call, Mapping[str, Any]]] = []
    answer = server.answer

    def listen(request: server.Request) -> server.Answer:
        said = answer(request)
        call = {
            "method": request.method,
            "path": request.path,
            "form": forms.read(request.form_text),
            "has_key": bool(request.key),
            "for_account": request.account,
            "version": request.version,
        }
        seen.append((json.loads(ID.sub(r"\1_*", json.dumps(call))), json.loads(said.text)))
        return said

    monkeypatch.setattr(server, "answer", listen)
    return seen


def _use_everything() -> None:
    """Every method of the port, each way that it can go."""
    gateway, sum_ = provider(), Money(100_000, "CNY")
    session = gateway.create_payment(payment_id="pay_1", reference="ord_1", amount=sum_, key="k1")
    gateway.create_payment(
        payment_id="ctu_1", reference="AS-1", amount=sum_, key="k1:2", takes_at_once=True
    )
    asked = gateway.save_card(card_id="crd_1", currency="CNY", key="k1:3")
    cards.pay(asked.ref, card_code="good")
    gateway.page(asked.ref)
    saved = gateway.saved_card(asked.ref)
    gateway.charge_card(
        payment_id="pay_9", reference="ord_9", amount=sum_, key="k1:4",
        customer_ref=saved.customer_ref, method_ref=saved.method_ref,
    )  # fmt: skip
    gateway.forget_card(saved.method_ref, key="k1:5")
    kept = gateway.create_payment(
        payment_id="pay_5", reference="ord_5", amount=sum_, key="k1:6", saves_card="crd_2"
    )
    cards.pay(kept.ref, card_code="good")
    gateway.payment(kept.ref)
    cards.pay(session.ref, card_code="good")
    paid = gateway.capture(session.ref, amount=sum_, key="k2")
    gateway.payment(_intent_of(paid.ref))
    refund = gateway.refund(paid.charge_ref, refund_id="rfd_1", amount=Money(500, "CNY"), key="k3")
    gateway.find_refund(refund.ref)
    for number, card in enumerate(("", "good")):
        other = gateway.create_payment(
            payment_id=f"pay_{number + 2}", reference="ord_2", amount=sum_, key=f"k4:{number}"
        )
        if card:
            cards.pay(other.ref, card_code=card)
        gateway.cancel(other.ref, key=f"k5:{number}")
    account = gateway.open_account(
        account_id="poa_1", holder="Seller", country="CN", currency="CNY", key="k6",
        number=money.NUMBER,
    )  # fmt: skip
    gateway.account(account.ref)
    gateway.account_page(account.ref, key="k6:page")
    _identified().open_account(
        account_id="poa_2", holder="Seller", country="DE", currency="CNY", key="k6:2"
    )
    sent = gateway.pay_out(
        payout_id="pyo_1", account_ref=account.ref, amount=Money(700, "CNY"), key="k7"
    )
    gateway.payout(sent.payout_ref, account_ref=account.ref)
    gateway.top_up(top_up_id="top_1", amount=Money(900, "CNY"), key="k8")
    gateway.balance("CNY")
    list(gateway.movements(since=None))
    back = gateway.pay_out(
        payout_id="pyo_2", account_ref=account.ref, amount=Money(100, "CNY"), key="k9"
    )
    outgoing.fail_payout(Thing.objects.get(pk=back.payout_ref))
    gateway.call_back(back.transfer_ref, amount=Money(100, "CNY"), key="k10")


def _identified() -> Provider:
    """The same provider, asked to find out itself who its sellers are."""
    return StripeGateway(
        name="test", api_key="sk_test_x", webhook_secrets=(), return_address=str, page=max,
        http_client=InProcess(), country="HK", account_address=lambda: "https://exchange.test/",
        identifies_sellers=True,
    )  # fmt: skip


def _intent_of(session_ref: str) -> str:
    intent = cards.given(session_ref)["id"]
    assert isinstance(intent, str)
    return intent


def test_every_call_is_the_recorded_one(wire: list[tuple[Call, Mapping[str, Any]]]) -> None:
    _use_everything()
    made = {json.dumps(call, sort_keys=True): call for call, _said in wire}
    recorded = json.loads(RECORDED.read_text())
    assert list(made.values()) == recorded
    assert all(call["has_key"] for call in recorded if call["method"] == "POST")
    assert {call["version"] for call in recorded} == {stripe.api_version}


def test_every_answer_has_the_fields_of_the_kits_objects(
    wire: list[tuple[Call, Mapping[str, Any]]],
) -> None:
    _use_everything()
    unknown: set[str] = set()
    for _call, said in wire:
        assert "error" not in said, said
        _note_unknown(said, unknown)
    assert unknown == set()


def _note_unknown(said: Any, unknown: set[str]) -> None:
    """Note the fields of an answer, and of all within it, that the kit's class of that object lacks."""
    for one in said.values() if isinstance(said, Mapping) else said:
        if isinstance(one, Mapping | list):
            _note_unknown(one, unknown)
    if isinstance(said, Mapping) and said.get("object") in OBJECT_CLASSES.keys() - {"list"}:
        module, name = OBJECT_CLASSES[said["object"]]
        known = getattr(import_module(module), name)
        fields = {name for base in known.__mro__ for name in vars(base).get("__annotations__", {})}
        unknown |= {f"{said['object']}.{field}" for field in set(said) - fields}
