"""Money that goes out: sellers' accounts, transfers to them, payouts to their banks, top-ups."""

from django.db import transaction

from exchange.payments.gateway.sandbox import clock, store
from exchange.payments.gateway.sandbox.incoming import Form
from exchange.payments.gateway.sandbox.models import Thing
from exchange.payments.gateway.sandbox.store import ApiError, Body

# Account numbers that end so behave so.
FAILS_SUFFIX = "0000"
REFUSED_SUFFIX = "9999"
# What is asked of a seller who has given nothing yet.
ASKED = ("external_account", "company.tax_id", "representative.first_name", "tos_acceptance.date")
LINK_SECONDS = 300
GROUP_CHARS = 120


def create_account(form: Form, account: str) -> Body:  # noqa: ARG001 - one signature for all
    thing = store.create(
        "account",
        "acct",
        {
            "type": "none",
            "country": form.get("country"),
            "business_type": form.get("business_type"),
            "business_profile": form.get("business_profile", {}),
            "controller": form.get("controller", {}),
            "settings": form.get("settings", {}),
            "metadata": form.get("metadata", {}),
            "charges_enabled": False,
            **_state(form.get("external_account")),
        },
    )
    store.tell("account.updated", thing, account=thing.pk)
    return thing.told


@transaction.atomic
def finish_account(account_id: str, number: str) -> Body:
    """The seller gives a bank account, and all else that was asked for, on the provider's page."""
    thing = store.get("account", account_id, lock=True)
    store.change(thing, **_state({"account_number": number, "currency": "cny"}))
    store.tell("account.updated", thing, account=thing.pk)
    return thing.told


@transaction.atomic
def restrict_account(account_id: str, *, missing: str) -> None:
    """The provider asks for more, and pays nothing out until it has it."""
    thing = store.get("account", account_id, lock=True)
    asked = {
        "currently_due": [missing], "past_due": [missing], "eventually_due": [missing],
        "disabled_reason": "requirements.past_due", "current_deadline": clock.now(),
    }  # fmt: skip
    store.change(thing, requirements=asked, payouts_enabled=False)
    store.tell("account.updated", thing, account=thing.pk)


def _state(bank: object) -> Body:
    """What follows from whether there is a bank account. Raises ApiError for a number that is refused."""
    named = bank if isinstance(bank, dict) and bank.get("account_number") else None
    number = str(named["account_number"]) if named else ""
    if number.endswith(REFUSED_SUFFIX):
        raise ApiError(400, "The account number is not valid.", code="account_number_invalid")
    missing = [] if named else list(ASKED)
    banks = [
        {"object": "bank_account", "last4": number[-4:], "currency": named.get("currency")}
        for named in ([named] if named else [])
    ]
    return {
        "payouts_enabled": bool(named),
        "details_submitted": bool(named),
        "capabilities": {"transfers": "active" if named else "inactive"},
        "requirements": {
            "currently_due": missing, "past_due": [], "eventually_due": missing,
            "disabled_reason": "requirements.pending_verification" if missing else None,
            "current_deadline": None,
        },
        "external_accounts": {
            "object": "list", "data": banks, "has_more": False, "url": "/v1/accounts",
        },
    }  # fmt: skip


def create_link(form: Form) -> Body:
    """The address of the page of an account that is still to be identified."""
    account = store.get("account", str(form["account"]))
    Thing.objects.filter(pk=account.pk).update(group=str(form.get("return_url", ""))[:GROUP_CHARS])
    return {
        "object": "account_link",
        "created": clock.now(),
        "expires_at": clock.now() + LINK_SECONDS,
        "url": f"{store.PAGES}/setup/{account.pk}",
    }


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
