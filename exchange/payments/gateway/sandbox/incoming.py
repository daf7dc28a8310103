"""Money that comes in: payment intents and their refunds."""

from django.db.models import Q

from exchange.payments.gateway.sandbox import cards, clock, store
from exchange.payments.gateway.sandbox.models import Line, Thing
from exchange.payments.gateway.sandbox.store import ApiError, Body, wrong_state

Form = dict[str, object]


def create_intent(form: Form, account: str) -> Body:  # noqa: ARG001 - one signature for all
    amount = int(str(form["amount"]))
    if amount < 1:
        raise ApiError(400, "Amount must be at least 1.", code="amount_too_small", param="amount")
    intent = store.create(
        "payment_intent",
        "pi",
        {
            "amount": amount,
            "amount_capturable": 0,
            "amount_received": 0,
            "currency": form["currency"],
            "capture_method": form.get("capture_method", "automatic"),
            "status": "requires_payment_method",
            "metadata": form.get("metadata", {}),
            "transfer_group": form.get("transfer_group"),
            "description": form.get("description"),
            "setup_future_usage": form.get("setup_future_usage"),
            "customer": None,
            "payment_method": None,
            "latest_charge": None,
            "last_payment_error": None,
            "client_secret": store.ref("secret"),
        },
    )
    store.tell("payment_intent.created", intent)
    return intent.told


def intent(intent_id: str, form: Form) -> Body:
    thing = store.get("payment_intent", intent_id)
    return thing.told | {
        "latest_charge": _charge(thing, form),
        "payment_method": _method(thing, form),
    }


def capture(intent_id: str, form: Form) -> Body:
    thing = store.get("payment_intent", intent_id, lock=True)
    if thing.body["status"] != "requires_capture":
        raise wrong_state("payment_intent", thing.body["status"])
    charge = store.get("charge", thing.body["latest_charge"])
    if charge.body["payment_method_details"]["card"]["capture_before"] < clock.now():
        raise ApiError(400, "The authorisation has run out.", code="charge_expired_for_capture")
    amount = int(str(form.get("amount_to_capture", thing.body["amount"])))
    if not 0 < amount <= thing.body["amount"]:
        raise ApiError(400, "The amount is more than was authorised.", code="amount_too_large")
    cards.take(thing, amount)
    return thing.told | {"latest_charge": _charge(thing, form)}


def cancel(intent_id: str, form: Form) -> Body:
    thing = store.get("payment_intent", intent_id, lock=True)
    if thing.body["status"] in {"succeeded", "canceled"}:
        raise wrong_state("payment_intent", thing.body["status"])
    store.change(
        thing,
        status="canceled",
        amount_capturable=0,
        cancellation_reason=form.get("cancellation_reason"),
    )
    store.tell("payment_intent.canceled", thing)
    return thing.told


def _charge(thing: Thing, form: Form) -> Body | str | None:
    """The charge, as wide as `expand` asks for."""
    ref: str | None = thing.body["latest_charge"]
    names = _expanded(form)
    if ref is None or not any(name.startswith("latest_charge") for name in names):
        return ref
    charge = store.get("charge", ref).told
    line = charge["balance_transaction"]
    if line and "latest_charge.balance_transaction" in names:
        charge = charge | {"balance_transaction": store.line_body(Line.objects.get(pk=line))}
    return charge


def _method(thing: Thing, form: Form) -> Body | str | None:
    """The card that was kept with a payment, as wide as `expand` asks for."""
    ref: str | None = thing.body.get("payment_method")
    if ref is None or "payment_method" not in _expanded(form):
        return ref
    kept = Thing.objects.filter(pk=ref, kind="payment_method").first()
    return kept.told if kept else ref


def _expanded(form: Form) -> list[str]:
    wanted = form.get("expand")
    return [str(name) for name in wanted.values()] if isinstance(wanted, dict) else []


def create_refund(form: Form, account: str) -> Body:  # noqa: ARG001 - one signature for all
    if "charge" not in form:
        raise ApiError(400, "Missing required param: charge.", code="parameter_missing")
    charge = store.get("charge", str(form["charge"]), lock=True)
    left = charge.body["amount_captured"] - charge.body["amount_refunded"]
    if left == 0:
        raise ApiError(400, "The charge has been refunded.", code="charge_already_refunded")
    amount = int(str(form.get("amount", left)))
    if not 0 < amount <= left:
        raise ApiError(400, f"At most {left} can be refunded.", code="amount_too_large")
    if amount > left - _charged_back(charge):
        raise ApiError(400, "The charge has been charged back.", code="charge_disputed")
    currency = charge.body["currency"]
    store.lock_balance()
    refund = store.create(
        "refund",
        "re",
        {
            "amount": amount,
            "currency": currency,
            "charge": charge.pk,
            "payment_intent": charge.body["payment_intent"],
            "metadata": form.get("metadata", {}),
            "status": "succeeded",
            "failure_reason": None,
        },
        group=charge.pk,
    )
    store.add_line(kind="refund", source=refund.pk, currency=currency, amount=-amount)
    refunded = charge.body["amount_refunded"] + amount
    store.change(
        charge, amount_refunded=refunded, refunded=refunded == charge.body["amount_captured"]
    )
    store.tell("refund.created", refund)
    return refund.told


def _charged_back(charge: Thing) -> int:
    """What the payer's bank took of the charge and has not given back."""
    taken = Thing.objects.filter(kind="dispute", group=charge.pk).exclude(body__status="won")
    return sum(int(dispute.body["amount"]) for dispute in taken)


def fail_refund(refund: Thing) -> None:
    """The card's bank turns a refund back: the money is the platform's again, and can be given anew."""
    charge = store.get("charge", refund.body["charge"], lock=True)
    store.change(refund, status="failed", failure_reason="lost_or_stolen_card")
    store.add_line(
        kind="refund_failure",
        source=refund.pk,
        currency=refund.body["currency"],
        amount=refund.body["amount"],
    )
    left = charge.body["amount_refunded"] - refund.body["amount"]
    store.change(charge, amount_refunded=left, refunded=False)
    store.tell("refund.failed", refund)


def lines(form: Form, *, url: str) -> Body:
    """Balance transactions, newest first, a page at a time."""
    limit = min(int(str(form.get("limit", 10))), store.LIST_MAX)
    rows = Line.objects.filter(account="")
    created = form.get("created")
    if isinstance(created, dict) and "gte" in created:
        rows = rows.filter(created__gte=int(created["gte"]))
    if "starting_after" in form:
        last = Line.objects.get(pk=str(form["starting_after"]))
        rows = rows.filter(Q(created__lt=last.created) | Q(created=last.created, pk__lt=last.pk))
    found = list(rows[: limit + 1])
    bodies = [store.line_body(line) for line in found[:limit]]
    return store.listing(bodies, url=url, has_more=len(found) > limit)
