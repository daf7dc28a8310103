"""The port, spoken to Stripe's API through Stripe's own kit."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime

import stripe

from exchange.payments.gateway import stripe_reading as reading
from exchange.payments.gateway.port import (
    MoneyStatus,
    NewsUnreadable,
    ProviderAccount,
    ProviderBalance,
    ProviderMovement,
    ProviderNews,
    ProviderPayment,
    ProviderPayout,
    ProviderRefund,
    ProviderRefused,
    SignatureRefused,
)
from exchange.payments.gateway.stripe_calls import once, refusals
from pricing.money import Money

EXPANDED = ["latest_charge", "latest_charge.balance_transaction"]
PAGE_LINES = 100


class StripeGateway:
    """One platform account at Stripe, or at what answers Stripe's API.

    `page` says where a payer gives the card for an intent and a payment of ours.
    """

    def __init__(
        self,
        *,
        name: str,
        api_key: str,
        webhook_secret: str,
        page: Callable[[str, str], str],
        http_client: stripe.HTTPClient | None = None,
    ) -> None:
        self.name = name
        self._secret = webhook_secret
        self._page = page
        # The outbox repeats; the kit's own repetitions would hold a lease up.
        self._client = stripe.StripeClient(
            api_key, max_network_retries=0, http_client=http_client
        ).v1

    def create_payment(
        self, *, payment_id: str, order_ref: str, amount: Money, key: str
    ) -> ProviderPayment:
        def make(under: str) -> stripe.PaymentIntent:
            return self._client.payment_intents.create(
                {
                    "amount": amount.minor,
                    "currency": amount.currency.lower(),
                    "capture_method": "manual",
                    "metadata": {"payment": payment_id, "order": order_ref},
                    "transfer_group": order_ref,
                },
                {"idempotency_key": under},
            )

        # Nothing can be paid on an intent that nobody knows, so a second one would do no harm.
        return reading.payment(once(key, lambda: None, make))

    def payment(self, ref: str) -> ProviderPayment:
        with refusals():
            return reading.payment(
                self._client.payment_intents.retrieve(ref, {"expand": list(EXPANDED)})
            )

    def capture(self, ref: str, *, amount: Money, key: str) -> ProviderPayment:
        def taken() -> stripe.PaymentIntent | None:
            intent = self._client.payment_intents.retrieve(ref)
            return intent if intent.status in {"succeeded", "canceled"} else None

        once(
            key,
            taken,
            lambda under: self._client.payment_intents.capture(
                ref, {"amount_to_capture": amount.minor}, {"idempotency_key": under}
            ),
        )
        return self.payment(ref)

    def cancel(self, ref: str, *, key: str) -> ProviderPayment:
        def ended() -> stripe.PaymentIntent | None:
            intent = self._client.payment_intents.retrieve(ref)
            return intent if intent.status in {"succeeded", "canceled"} else None

        once(
            key,
            ended,
            lambda under: self._client.payment_intents.cancel(
                ref, {"cancellation_reason": "abandoned"}, {"idempotency_key": under}
            ),
        )
        return self.payment(ref)

    def payment_page(self, ref: str, *, payment_id: str) -> str:
        return self._page(ref, payment_id)

    def refund(self, charge_ref: str, *, refund_id: str, amount: Money, key: str) -> ProviderRefund:
        def given() -> stripe.Refund | None:
            rows = self._client.refunds.list({"charge": charge_ref, "limit": PAGE_LINES}).data
            # Under another key a refund that failed may be asked for again.
            return next((r for r in rows if reading.noted(r.metadata, "key") == key), None)

        return reading.refund(
            once(
                key,
                given,
                lambda under: self._client.refunds.create(
                    {
                        "charge": charge_ref,
                        "amount": amount.minor,
                        "metadata": {"refund": refund_id, "key": key},
                    },
                    {"idempotency_key": under},
                ),
            )
        )

    def find_refund(self, ref: str) -> ProviderRefund:
        with refusals():
            return reading.refund(self._client.refunds.retrieve(ref))

    def open_account(
        self, *, account_id: str, holder: str, number: str, currency: str, key: str
    ) -> ProviderAccount:
        def make(under: str) -> stripe.Account:
            return self._client.accounts.create(
                {
                    "type": "custom",
                    "metadata": {"account": account_id},
                    "business_profile": {"name": holder},
                    "external_account": {
                        "object": "bank_account",
                        "country": "CN",
                        "currency": currency.lower(),
                        "account_holder_name": holder,
                        "account_number": number,
                    },
                },
                {"idempotency_key": under},
            )

        made = once(key, lambda: None, make)
        return ProviderAccount(made.id, bool(made.payouts_enabled))

    def account(self, ref: str) -> ProviderAccount:
        with refusals():
            found = self._client.accounts.retrieve(ref)
            return ProviderAccount(found.id, bool(found.payouts_enabled))

    def pay_out(
        self, *, payout_id: str, account_ref: str, amount: Money, key: str
    ) -> ProviderPayout:
        """Two steps: to the seller's account, found again by its group, and on to the bank."""

        def moved() -> stripe.Transfer | None:
            rows = self._client.transfers.list({"transfer_group": payout_id}).data
            return rows[0] if rows else None

        transfer = once(
            f"{key}:transfer",
            moved,
            lambda under: self._client.transfers.create(
                {
                    "amount": amount.minor,
                    "currency": amount.currency.lower(),
                    "destination": account_ref,
                    "transfer_group": payout_id,
                    "metadata": {"payout": payout_id},
                },
                {"idempotency_key": under},
            ),
        )
        try:
            sent = once(
                f"{key}:payout",
                lambda: self._sent(payout_id, account_ref),
                lambda under: self._client.payouts.create(
                    {
                        "amount": amount.minor,
                        "currency": amount.currency.lower(),
                        "metadata": {"payout": payout_id, "transfer": transfer.id},
                    },
                    {"idempotency_key": under, "stripe_account": account_ref},
                ),
            )
        except ProviderRefused as refused:
            # The money has left us: the failure is known, and is called back like any other.
            return ProviderPayout(transfer.id, "", MoneyStatus.FAILED, payout_id, refused.code)
        return reading.payout(sent, transfer_ref=transfer.id)

    def _sent(self, payout_id: str, account_ref: str) -> stripe.Payout | None:
        rows = self._client.payouts.list(
            {"limit": PAGE_LINES}, {"stripe_account": account_ref}
        ).auto_paging_iter()
        return next(
            (row for row in rows if reading.noted(row.metadata, "payout") == payout_id), None
        )

    def payout(self, ref: str, *, account_ref: str) -> ProviderPayout:
        with refusals():
            return reading.payout(
                self._client.payouts.retrieve(ref, None, {"stripe_account": account_ref})
            )

    def call_back(self, transfer_ref: str, *, amount: Money, key: str) -> str:
        def called() -> str:
            rows = self._client.transfers.reversals.list(transfer_ref).data
            return str(rows[0].id) if rows else ""

        def make(under: str) -> str:
            made = self._client.transfers.reversals.create(
                transfer_ref, {"amount": amount.minor}, {"idempotency_key": under}
            )
            return str(made.id)

        return once(key, lambda: called() or None, make)

    def top_up(self, *, top_up_id: str, amount: Money, key: str) -> str:
        def made() -> stripe.Topup | None:
            rows = self._client.topups.list({"limit": PAGE_LINES}).auto_paging_iter()
            return next((row for row in rows if row.transfer_group == top_up_id), None)

        return once(
            key,
            made,
            lambda under: self._client.topups.create(
                {
                    "amount": amount.minor,
                    "currency": amount.currency.lower(),
                    "transfer_group": top_up_id,
                },
                {"idempotency_key": under},
            ),
        ).id

    def balance(self, currency: str) -> ProviderBalance:
        with refusals():
            told = self._client.balance.retrieve()
        wanted = currency.lower()
        return ProviderBalance(
            available=Money(
                sum(x.amount for x in told.available if x.currency == wanted), currency
            ),
            pending=Money(sum(x.amount for x in told.pending if x.currency == wanted), currency),
        )

    def movements(self, *, since: datetime | None) -> Iterator[ProviderMovement]:
        with refusals():
            if since is None:
                found = self._client.balance_transactions.list({"limit": PAGE_LINES})
            else:
                found = self._client.balance_transactions.list(
                    {"limit": PAGE_LINES, "created": {"gte": int(since.timestamp())}}
                )
            for line in found.auto_paging_iter():
                yield reading.movement(line)

    def read_news(self, body: bytes, signature: str) -> ProviderNews:
        try:
            stripe.WebhookSignature.verify_header(
                body, signature, self._secret, stripe.Webhook.DEFAULT_TOLERANCE
            )
        except (stripe.SignatureVerificationError, ValueError, TypeError) as error:
            raise SignatureRefused(str(error)) from error
        try:
            return reading.news(json.loads(body))
        except (ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError,
                ValueError) as error:  # fmt: skip
            raise NewsUnreadable(f"{type(error).__name__}: {error}"[:200]) from error
