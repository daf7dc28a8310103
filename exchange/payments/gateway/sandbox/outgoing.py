"""Money that goes out: sellers' accounts, transfers to them, payouts to their banks, top-ups."""

from exchange.payments.gateway.sandbox import store
from exchange.payments.gateway.sandbox.incoming import Form
from exchange.payments.gateway.sandbox.models import Thing
from exchange.payments.gateway.sandbox.store import ApiError, Body

# Account numbers that end so behave so.
FAILS_SUFFIX = "0000"
REFUSED_SUFFIX = "9999"


def create_account(form: Form, account: str) -> Body:  # noqa: ARG001 - one signature for all
    bank = form.get("external_account")
    if not isinstance(bank, dict) or "account_number" not in bank:
        raise ApiError(400, "An account needs a bank account.", code="parameter_missing")
    number = str(bank["account_number"])
    if number.endswith(REFUSED_SUFFIX):
        raise ApiError(400, "The account number is not valid.", code="account_number_invalid")
    thing = store.create(
        "account",
        "acct",
        {
            "type": form.get("type", "custom"),
            "country": form.get("country"),
            "metadata": form.get("metadata", {}),
            "payouts_enabled": True,
            "charges_enabled": False,
            "details_submitted": True,
            "external_accounts": {
                "object": "list",
                "data": [
                    {
                        "object": "bank_account",
                        "last4": number[-4:],
                        "currency": bank.get("currency"),
                    }
                ],
                "has_more": False,
                "url": "/v1/accounts",
            },
        },
    )
    store.tell("account.updated", thing)
    return thing.told


def create_transfer(form: Form, account: str) -> Body:  # noqa: ARG001 - one signature for all
    destination = store.get("account", str(form["destination"]))
    amount, currency = int(str(form.get("amount", 0))), str(form["currency"])
    store.lock_balance()
    available, _pending = store.balance(currency)
    if not 0 < amount <= available:
        raise ApiError(400, "You have insufficient available funds.", code="balance_insufficient")
    transfer = store.create(
        "transfer",
        "tr",
        {
            "amount": amount,
            "amount_reversed": 0,
            "reversed": False,
            "currency": currency,
            "destination": destination.pk,
            "metadata": form.get("metadata", {}),
            "transfer_group": form.get("transfer_group"),
        },
        group=str(form.get("transfer_group", "")),
    )
    store.add_line(kind="transfer", source=transfer.pk, currency=currency, amount=-amount)
    store.add_line(
        kind="payment",
        source=transfer.pk,
        currency=currency,
        amount=amount,
        account=destination.pk,
    )
    store.tell("transfer.created", transfer)
    return transfer.told


def create_reversal(transfer_id: str, form: Form) -> Body:
    transfer = store.get("transfer", transfer_id, lock=True)
    left = transfer.body["amount"] - transfer.body["amount_reversed"]
    amount = int(str(form.get("amount", left)))
    currency, holder = transfer.body["currency"], transfer.body["destination"]
    store.lock_balance()
    available, _pending = store.balance(currency, account=holder)
    if not 0 < amount <= left or amount > available:
        raise ApiError(400, "The account does not hold that much.", code="balance_insufficient")
    reversal = store.create(
        "transfer_reversal",
        "trr",
        {
            "amount": amount,
            "currency": currency,
            "transfer": transfer.pk,
            "metadata": form.get("metadata", {}),
        },
        group=transfer.pk,
    )
    store.add_line(kind="transfer_refund", source=reversal.pk, currency=currency, amount=amount)
    store.add_line(
        kind="payment_refund",
        source=reversal.pk,
        currency=currency,
        amount=-amount,
        account=holder,
    )
    done = transfer.body["amount_reversed"] + amount
    store.change(transfer, amount_reversed=done, reversed=done == transfer.body["amount"])
    store.tell("transfer.reversed", transfer)
    return reversal.told


def create_payout(form: Form, account: str) -> Body:
    amount, currency = int(str(form["amount"])), str(form["currency"])
    store.lock_balance()
    available, _pending = store.balance(currency, account=account)
    if not 0 < amount <= available:
        raise ApiError(400, "You have insufficient available funds.", code="balance_insufficient")
    metadata = form.get("metadata", {})
    payout = store.create(
        "payout",
        "po",
        {
            "amount": amount,
            "currency": currency,
            "metadata": metadata,
            "status": "pending",
            "failure_code": None,
        },
        account=account,
        group=str(metadata.get("payout", "")) if isinstance(metadata, dict) else "",
    )
    store.add_line(
        kind="payout", source=payout.pk, currency=currency, amount=-amount, account=account
    )
    store.tell("payout.created", payout)
    return payout.told


def decide_payouts() -> int:
    """What banks do overnight: payouts under way arrive, or fail where the number says so."""
    decided = 0
    for payout in Thing.objects.select_for_update().filter(kind="payout", body__status="pending"):
        holder = store.get("account", payout.account)
        last4 = holder.body["external_accounts"]["data"][0]["last4"]
        if last4 == FAILS_SUFFIX:
            fail_payout(payout)
        else:
            store.change(payout, status="paid")
            store.tell("payout.paid", payout)
        decided += 1
    return decided


def fail_payout(payout: Thing) -> None:
    """The money comes back to the seller's account at the provider."""
    store.change(payout, status="failed", failure_code="account_closed")
    store.add_line(
        kind="payout_failure",
        source=payout.pk,
        currency=payout.body["currency"],
        amount=payout.body["amount"],
        account=payout.account,
    )
    store.tell("payout.failed", payout)


def create_topup(form: Form, account: str) -> Body:  # noqa: ARG001 - one signature for all
    amount, currency = int(str(form["amount"])), str(form["currency"])
    if amount < 1:
        raise ApiError(400, "Amount must be at least 1.", code="amount_too_small")
    topup = store.create(
        "topup",
        "tu",
        {
            "amount": amount,
            "currency": currency,
            "status": "succeeded",
            "metadata": form.get("metadata", {}),
            "transfer_group": form.get("transfer_group"),
        },
        group=str(form.get("transfer_group", "")),
    )
    store.add_line(kind="topup", source=topup.pk, currency=currency, amount=amount)
    store.tell("topup.succeeded", topup)
    return topup.told
