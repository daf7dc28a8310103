"""The API's front: faults, the idempotency store, the routes."""

import fnmatch
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.db import transaction

from exchange.payments.gateway.sandbox import (
    checkout,
    clock,
    disputes,
    forms,
    incoming,
    outgoing,
    setups,
    store,
)
from exchange.payments.gateway.sandbox.incoming import Form
from exchange.payments.gateway.sandbox.models import SavedAnswer, Switchboard
from exchange.payments.gateway.sandbox.store import ApiError, Body

KEY_SECONDS = 24 * 3600
TEST_KEY_BEGINS = "sk_test_"
SERVER_ERROR: Body = {"error": {"type": "api_error", "message": "Something went wrong."}}
NO_KEY: Body = {
    "error": {"type": "invalid_request_error", "message": "Only test keys are known here."}
}
OTHER_VERSION: Body = {
    "error": {
        "type": "invalid_request_error",
        "message": "Another version of the API is asked for.",
    }
}
TOO_MANY: Body = {
    "error": {"type": "rate_limit_error", "code": "rate_limit", "message": "Too many requests."}
}


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    form_text: str
    key: str = ""
    account: str = ""
    api_key: str = TEST_KEY_BEGINS
    version: str = store.API_VERSION

    @property
    def fingerprint(self) -> str:
        parts = [self.method, self.path, self.account, forms.read(self.form_text)]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Answer:
    """`lost` says that the answer is not to reach the caller: it happened, and nobody hears of it."""

    status: int
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)
    lost: bool = False


def answer(request: Request) -> Answer:
    """What the API says. Whatever is done is done when this returns."""
    if not request.api_key.startswith(TEST_KEY_BEGINS):
        return _answer(401, NO_KEY)
    if request.version != store.API_VERSION:
        return _answer(400, OTHER_VERSION)
    fault = _fault_for(request)
    if fault == "error_before":
        return _answer(503, SERVER_ERROR)
    if fault == "rate_limit":
        return _answer(429, TOO_MANY)
    if fault == "save_error":
        return _saved(request, lambda: _answer(500, SERVER_ERROR))
    said = _saved(request, lambda: _perform(request))
    return Answer(said.status, said.text, said.headers, lost=fault == "drop_reply")


def _answer(status: int, body: Body, **headers: str) -> Answer:
    return Answer(status, json.dumps(body), {"Content-Type": "application/json", **headers})


@transaction.atomic
def _saved(request: Request, perform: Callable[[], Answer]) -> Answer:
    """Under a key the first answer stands, errors included; a second caller waits for the first."""
    if not request.key or request.method != "POST":
        return perform()
    moment = clock.now()
    SavedAnswer.objects.filter(key=request.key, created__lt=moment - KEY_SECONDS).delete()
    SavedAnswer.objects.bulk_create(
        [SavedAnswer(key=request.key, fingerprint=request.fingerprint, created=moment)],
        ignore_conflicts=True,
    )
    row = SavedAnswer.objects.select_for_update().get(key=request.key)
    if row.fingerprint != request.fingerprint:
        refused = ApiError(400, "This key was used for another request.", type_="idempotency_error")
        return _answer(400, refused.body)
    if row.status is not None:
        return Answer(
            row.status,
            row.body,
            {"Content-Type": "application/json", "Idempotent-Replayed": "true"},
        )
    said = perform()
    row.status, row.body = said.status, said.text
    row.save(update_fields=["status", "body"])
    return said


def _perform(request: Request) -> Answer:
    try:
        with transaction.atomic():
            try:
                return _answer(200, _route(request))
            except setups.Refused as refused:  # what it is about stays
                return _answer(refused.status, refused.body)
    except ApiError as error:
        return _answer(error.status, error.body)


def _route(request: Request) -> Body:
    parts = _parts(request.path)
    pattern = "/" + "/".join("*" if number in {2, 4} else p for number, p in enumerate(parts))
    shape = forms.SHAPES.get((request.method, pattern))
    form: Form = forms.read(request.form_text)
    if shape is None:
        raise ApiError(404, f"Unrecognized request URL ({request.method}: {request.path}).")
    forms.check(shape, form)
    thing_id = parts[2] if len(parts) > 2 else ""  # noqa: PLR2004 - /v1/things/id
    return ROUTES[request.method, pattern](thing_id, form, request.account)


def _parts(path: str) -> list[str]:
    """The parts of a path, the two words of a namespaced resource as one: v1, things, id, and so on."""
    version, *rest = path.strip("/").split("/")
    words = 2 if rest[:1] == ["checkout"] else 1
    return [version, "/".join(rest[:words]), *rest[words:]]


Handler = Callable[[str, Form, str], Body]
ROUTES: Mapping[tuple[str, str], Handler] = {
    ("POST", "/v1/checkout/sessions"): lambda _id, form, account: checkout.create(form, account),
    ("GET", "/v1/checkout/sessions"): lambda _id, form, _account: checkout.find(form),
    ("GET", "/v1/checkout/sessions/*"): lambda id_, form, _account: checkout.retrieve(id_, form),
    ("POST", "/v1/checkout/sessions/*/expire"): lambda id_, _form, _account: checkout.expire(id_),
    ("POST", "/v1/payment_intents"): lambda _id, form, account: (
        setups.charge(form) if form.get("off_session") else incoming.create_intent(form, account)
    ),
    ("GET", "/v1/payment_intents"): lambda _id, form, _account: store.grouped(
        "payment_intent", str(form.get("customer", "")), url="/v1/payment_intents"
    ),
    ("GET", "/v1/payment_methods/*"): lambda id_, _form, _account: store.get(
        "payment_method", id_
    ).told,
    ("POST", "/v1/payment_methods/*/detach"): lambda id_, _form, _account: setups.detach(id_),
    ("GET", "/v1/payment_intents/*"): lambda id_, form, _account: incoming.intent(id_, form),
    ("POST", "/v1/payment_intents/*/capture"): lambda id_, form, _account: incoming.capture(id_, form),
    ("POST", "/v1/payment_intents/*/cancel"): lambda id_, form, _account: incoming.cancel(id_, form),
    ("POST", "/v1/refunds"): lambda _id, form, account: incoming.create_refund(form, account),
    ("GET", "/v1/refunds"): lambda _id, form, _account: store.grouped(
        "refund", str(form.get("charge", "")), url="/v1/refunds"
    ),
    ("GET", "/v1/refunds/*"): lambda id_, _form, _account: store.get("refund", id_).told,
    ("GET", "/v1/disputes/*"): lambda id_, _form, _account: store.get("dispute", id_).told,
    ("POST", "/v1/disputes/*"): lambda id_, form, _account: disputes.send_evidence(id_, form),
    ("POST", "/v1/accounts"): lambda _id, form, account: outgoing.create_account(form, account),
    ("POST", "/v1/account_links"): lambda _id, form, _account: outgoing.create_link(form),
    ("GET", "/v1/accounts/*"): lambda id_, _form, _account: store.get("account", id_).told,
    ("POST", "/v1/transfers"): lambda _id, form, account: outgoing.create_transfer(form, account),
    ("GET", "/v1/transfers"): lambda _id, form, _account: store.grouped(
        "transfer", str(form.get("transfer_group", "")), url="/v1/transfers"
    ),
    ("POST", "/v1/transfers/*/reversals"): lambda id_, form, _account: outgoing.create_reversal(
        id_, form
    ),
    ("GET", "/v1/transfers/*/reversals"): lambda id_, _form, _account: store.grouped(
        "transfer_reversal", id_, url="/v1/transfers"
    ),
    ("POST", "/v1/payouts"): lambda _id, form, account: outgoing.create_payout(form, account),
    ("GET", "/v1/payouts"): lambda _id, _form, account: store.newest(
        "payout", account=account, url="/v1/payouts"
    ),
    ("GET", "/v1/payouts/*"): lambda id_, _form, account: store.get(
        "payout", id_, account=account
    ).told,
    ("POST", "/v1/topups"): lambda _id, form, account: outgoing.create_topup(form, account),
    ("GET", "/v1/topups"): lambda _id, _form, _account: store.newest(
        "topup", url="/v1/topups"
    ),
    ("GET", "/v1/balance"): lambda _id, _form, _account: balance_body(),
    ("GET", "/v1/balance_transactions"): lambda _id, form, _account: incoming.lines(
        form, url="/v1/balance_transactions"
    ),
}  # fmt: skip


def balance_body() -> Body:
    currencies = store.currencies()
    sums = {currency: store.balance(currency) for currency in currencies}
    return {
        "object": "balance",
        "livemode": False,
        "available": [{"amount": sums[c][0], "currency": c} for c in currencies],
        "pending": [{"amount": sums[c][1], "currency": c} for c in currencies],
    }


def _fault_for(request: Request) -> str:
    """The fault that a switch has for this request; each is used up."""
    if not clock.switchboard().faults:
        return ""
    with transaction.atomic():
        switches: Switchboard = store.lock_balance()
        for fault in switches.faults:
            if fault["times"] > 0 and fnmatch.fnmatch(
                f"{request.method} {request.path}", fault["on"]
            ):
                fault["times"] -= 1
                switches.save(update_fields=["faults"])
                return str(fault["do"])
    return ""
