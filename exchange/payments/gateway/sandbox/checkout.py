"""Checkout sessions: pages on which a payer gives a card. The intent is made when the first card is given."""

from exchange.payments.gateway.sandbox import clock, incoming, store
from exchange.payments.gateway.sandbox.incoming import Form
from exchange.payments.gateway.sandbox.models import Thing
from exchange.payments.gateway.sandbox.store import ApiError, Body

KIND = "checkout.session"
OPEN_SECONDS = 24 * 3600
# What the intent of a session is to be made of.
MADE_OF = frozenset({"payment_intent_data", "setup_intent_data"})
URL = "/v1/checkout/sessions"


def create(form: Form, account: str) -> Body:  # noqa: ARG001 - one signature for all
    mode = form.get("mode")
    if mode not in {"payment", "setup"}:
        raise ApiError(400, "Only the modes payment and setup are known here.", param="mode")
    saves = mode == "setup"
    amount, currency = (None, form.get("currency")) if saves else _total(form)
    session = store.create(
        KIND,
        "cs_test",
        {
            "mode": mode,
            "status": "open",
            "payment_status": "no_payment_required" if saves else "unpaid",
            "amount_total": amount,
            "currency": currency,
            "client_reference_id": form.get("client_reference_id"),
            "metadata": form.get("metadata", {}),
            "success_url": form.get("success_url"),
            "cancel_url": form.get("cancel_url"),
            "expires_at": clock.now() + OPEN_SECONDS,
            "payment_intent": None,
            "payment_intent_data": form.get("payment_intent_data", {}),
            "setup_intent": None,
            "setup_intent_data": form.get("setup_intent_data", {}),
            "customer": None,
        },
    )
    store.change(session, url=f"{store.PAGES}/c/pay/{session.pk}")
    return _told(session)


def _total(form: Form) -> tuple[int, str]:
    """What all lines cost. Lines are objects keyed by their position."""
    lines = form.get("line_items")
    rows = list(lines.values()) if isinstance(lines, dict) else []
    if not rows:
        raise ApiError(400, "A session has something to pay for.", code="parameter_missing")
    prices = [row["price_data"] for row in rows]
    total = sum(
        int(price["unit_amount"]) * int(row.get("quantity", 1))
        for row, price in zip(rows, prices, strict=True)
    )
    if total < 1:
        raise ApiError(400, "Amount must be at least 1.", code="amount_too_small")
    return total, str(prices[0]["currency"])


def retrieve(session_id: str, form: Form) -> Body:
    return _told(_current(store.get(KIND, session_id, lock=True)), form)


def find(form: Form) -> Body:
    """The session that made an intent."""
    made_by = Thing.objects.filter(kind=KIND, group=str(form.get("payment_intent", "")))
    return store.listing([_told(session) for session in made_by[: store.LIST_MAX]], url=URL)


def expire(session_id: str) -> Body:
    session = _current(store.get(KIND, session_id, lock=True))
    if session.body["status"] != "open":
        raise ApiError(400, "Only open sessions can be expired.", code="resource_missing")
    _close(session)
    return _told(session)


def intent_of(ref: str) -> Thing:
    """The intent itself, or the one of an open session, made when a card is first given. Locked."""
    if not ref.startswith("cs_"):
        return store.get("payment_intent", ref, lock=True)
    session = _current(store.get(KIND, ref, lock=True))
    if session.body["payment_intent"]:
        return store.get("payment_intent", session.body["payment_intent"], lock=True)
    if session.body["status"] != "open":
        raise ApiError(400, "This page has been closed.", code="checkout_session_expired")
    form = session.body["payment_intent_data"] | {
        "amount": session.body["amount_total"],
        "currency": session.body["currency"],
    }
    made = incoming.create_intent(form, "")
    session.group = made["id"]
    session.save(update_fields=["group"])
    store.change(session, payment_intent=made["id"])
    return store.get("payment_intent", made["id"], lock=True)


def complete(intent: Thing) -> None:
    """A card was taken: the intent's page is over."""
    session = Thing.objects.select_for_update().filter(kind=KIND, group=intent.pk).first()
    if session is not None and session.body["status"] == "open":
        is_paid = intent.body["status"] == "succeeded"
        store.change(
            session,
            status="complete",
            payment_status="paid" if is_paid else "unpaid",
            customer=intent.body.get("customer"),
            url=None,
        )
        store.tell("checkout.session.completed", session)


def _current(session: Thing) -> Thing:
    """The session, closed if its time is over."""
    if session.body["status"] == "open" and session.body["expires_at"] <= clock.now():
        _close(session)
    return session


def _close(session: Thing) -> None:
    store.change(session, status="expired", url=None)
    store.tell("checkout.session.expired", session)
    if session.body["payment_intent"]:
        intent = store.get("payment_intent", session.body["payment_intent"], lock=True)
        if intent.body["status"] not in {"succeeded", "canceled", "requires_capture"}:
            incoming.cancel(intent.pk, {"cancellation_reason": "expired"})


def _told(session: Thing, form: Form | None = None) -> Body:
    """The session as its API tells it: what its intent is to be made of is not said again."""
    told = {name: value for name, value in session.told.items() if name not in MADE_OF}
    wanted = (form or {}).get("expand")
    names = [str(name) for name in wanted.values()] if isinstance(wanted, dict) else []
    inner = [name.partition(".")[2] for name in names if name.startswith("payment_intent")]
    if told["payment_intent"] and inner:
        expand = {str(number): name for number, name in enumerate(filter(None, inner))}
        told["payment_intent"] = incoming.intent(told["payment_intent"], {"expand": expand})
    if told["setup_intent"] and any(name.startswith("setup_intent") for name in names):
        setup = store.get("setup_intent", told["setup_intent"]).told
        if setup["payment_method"] and "setup_intent.payment_method" in names:
            method = store.get("payment_method", setup["payment_method"]).told
            setup = setup | {"payment_method": method}
        told["setup_intent"] = setup
    return told
