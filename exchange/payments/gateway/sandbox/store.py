"""Objects and balance lines: written, read, listed; the news about them, and errors as the API tells
them."""

from typing import Any

from django.db.models import F, Sum

from accounts.ids import new_id
from exchange.payments.gateway.sandbox import clock
from exchange.payments.gateway.sandbox.models import Delivery, Line, Switchboard, Thing

Body = dict[str, Any]
API_VERSION = "2026-10-28.endive"
# Where its own pages are; the way over the network says its own address instead.
PAGES = "https://checkout.test"
LIST_MAX = 100
# Objects that do not say which mode they are of.
OF_NO_MODE = frozenset({"account", "refund", "transfer_reversal"})


def ref(prefix: str) -> str:
    """A new id as the API writes them: `pi_…`."""
    return new_id(prefix).replace("-", "")


def create(kind: str, prefix: str, body: Body, *, account: str = "", group: str = "") -> Thing:
    """Write an object; id, type and time are added to its body."""
    thing_id = ref(prefix)
    own = {"id": thing_id, "object": kind, "created": clock.now()}
    if kind not in OF_NO_MODE:
        own["livemode"] = False
    return Thing.objects.create(
        id=thing_id, kind=kind, account=account, group=group, body=own | body
    )


def get(kind: str, thing_id: str, *, account: str = "", lock: bool = False) -> Thing:
    """The object, locked for this transaction if asked. Raises ApiError (404)."""
    rows = Thing.objects.select_for_update(no_key=True) if lock else Thing.objects.all()
    found = rows.filter(pk=thing_id, kind=kind, account=account).first()
    if found is None:
        raise no_such(kind, thing_id)
    return found


def change(thing: Thing, **changes: Any) -> None:
    thing.body = thing.body | changes
    thing.save(update_fields=["body"])


def listing(rows: list[Body], *, url: str, has_more: bool = False) -> Body:
    return {"object": "list", "data": rows, "has_more": has_more, "url": url}


def grouped(kind: str, group: str, *, account: str = "", url: str) -> Body:
    """The objects filed under `group`, newest first."""
    rows = Thing.objects.filter(kind=kind, group=group, account=account)
    bodies = sorted((row.body for row in rows[:LIST_MAX]), key=lambda b: -int(b["created"]))
    return listing(bodies, url=url)


def newest(kind: str, *, account: str = "", url: str) -> Body:
    """The newest objects of a kind."""
    rows = Thing.objects.filter(kind=kind, account=account).order_by("-body__created", "-id")
    return listing([row.body for row in rows[:LIST_MAX]], url=url)


def currencies() -> list[str]:
    """The currencies of the platform's own lines."""
    own = Line.objects.filter(account="").order_by("currency")
    return list(own.values_list("currency", flat=True).distinct())


def lock_balance() -> Switchboard:
    """Whatever moves money out queues here, so that nothing is sent twice."""
    clock.switchboard()
    return Switchboard.objects.select_for_update().get(pk=clock.ROW)


def add_line(
    *,
    kind: str,
    source: str,
    currency: str,
    amount: int,
    fee: int = 0,
    account: str = "",
    delay: int = 0,
) -> Line:
    moment = clock.now()
    return Line.objects.create(
        id=ref("txn"),
        account=account,
        kind=kind,
        source=source,
        currency=currency,
        amount=amount,
        fee=fee,
        created=moment,
        available_on=moment + delay,
    )


def balance(currency: str, *, account: str = "") -> tuple[int, int]:
    """Available and pending, net of fees."""
    moment = clock.now()
    lines = Line.objects.filter(account=account, currency=currency)
    net = Sum(F("amount") - F("fee"))
    ready = lines.filter(available_on__lte=moment).aggregate(net=net)["net"] or 0
    later = lines.filter(available_on__gt=moment).aggregate(net=net)["net"] or 0
    return ready, later


# Both movements of a dispute have one type, and are told apart by their category.
ADJUSTMENTS = frozenset({"dispute", "dispute_reversal"})


def line_body(line: Line) -> Body:
    return {
        "id": line.pk,
        "object": "balance_transaction",
        "type": "adjustment" if line.kind in ADJUSTMENTS else line.kind,
        "reporting_category": line.kind,
        "source": line.source,
        "currency": line.currency,
        "amount": line.amount,
        "fee": line.fee,
        "net": line.amount - line.fee,
        "created": line.created,
        "available_on": line.available_on,
        "status": "available" if line.available_on <= clock.now() else "pending",
    }


def tell(kind: str, thing: Thing, *, account: str = "") -> None:
    """Promise a message about the object as it is now, in as many copies as the switch says. `account` is
    whose it is where the object itself belongs to the platform."""
    account = account or thing.account
    body: Body = {"type": kind, "api_version": API_VERSION, "data": {"object": thing.body}}
    if account:
        body["account"] = account
    event = create("event", "evt", body | {"pending_webhooks": 1}, account=account)
    switches = clock.switchboard()
    Delivery.objects.bulk_create(
        Delivery(event=event, due=event.body["created"]) for _copy in range(switches.copies)
    )


class ApiError(Exception):
    """An answer that is not 2xx. `code` and `message` are Stripe's own words for it."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str = "",
        type_: str = "invalid_request_error",
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: Body = {"error": {"type": type_, "message": message, **more}}
        if code:
            self.body["error"]["code"] = code


def no_such(kind: str, ref: str) -> ApiError:
    return ApiError(404, f"No such {kind}: '{ref}'", code="resource_missing")


def wrong_state(kind: str, state: str) -> ApiError:
    return ApiError(400, f"This {kind} is in the state {state}.", code=f"{kind}_unexpected_state")
