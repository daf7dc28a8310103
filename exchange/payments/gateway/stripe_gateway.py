"""The port, spoken to Stripe's API through Stripe's own kit."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

import stripe
from stripe.params.checkout import SessionCreateParams, SessionCreateParamsPaymentIntentData

from exchange.core.payment_settings import STRIPE_API
from exchange.payments.gateway import stripe_accounts as accounts
from exchange.payments.gateway import stripe_cards
from exchange.payments.gateway import stripe_reading as reading
from exchange.payments.gateway.port import (
    MoneyStatus,
    NewsUnreadable,
    ProviderAccount,
    ProviderBalance,
    ProviderCard,
    ProviderDispute,
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

# Held at what the calls below were written for: a release of the kit that speaks another is refused by a
# test, and an answer or message of another version is none that anybody has read.
API_VERSION = "2026-10-28.endive"
KIT_VERSION = stripe.api_version
CHARGE = "latest_charge.balance_transaction"
METHOD = "payment_method"
PAGE_LINES = 100
SESSION = "cs_"
ENDED = frozenset({"succeeded", "canceled"})


class StripeGateway:
    """One platform account at Stripe, or at what answers Stripe's API.

    A payment begins as a Checkout session, whose reference it keeps; the session makes the intent when the
    payer gives a card. `page` says where that is, for the session's address and a payment of ours;
    `return_address` is where the page leads back to, `account_address` where a seller's page does. `country`
    is that of the platform's own account.
    """

    def __init__(
        self,
        *,
        name: str,
        api_key: str,
        webhook_secrets: tuple[str, ...],
        return_address: Callable[[str], str],
        page: Callable[[str, str], str],
        http_client: stripe.HTTPClient,
        country: str,
        account_address: Callable[[], str],
        identifies_sellers: bool,
        api_base: str = STRIPE_API,
        is_live: bool = False,
    ) -> None:
        self.name = name
        self.identifies_sellers = identifies_sellers
        self._country = country
        self._account_address = account_address
        self._secrets = webhook_secrets
        self._return_address = return_address
        self._page = page
        self._is_live = is_live
        # The outbox repeats; the kit's own repetitions would hold a lease up.
        self._client = stripe.StripeClient(
            api_key,
            stripe_version=API_VERSION,
            base_addresses={"api": api_base},
            max_network_retries=0,
            http_client=http_client,
        ).v1

    def create_payment(
        self,
        *,
        payment_id: str,
        reference: str,
        amount: Money,
        key: str,
        takes_at_once: bool = False,
        saves_card: str = "",
    ) -> ProviderPayment:
        metadata = {"payment": payment_id, "reference": reference}
        back = self._return_address(payment_id)
        intent: SessionCreateParamsPaymentIntentData = {
            "capture_method": "automatic" if takes_at_once else "manual",
            "metadata": metadata,
            "transfer_group": reference,
        }
        asked: SessionCreateParams = {
            "mode": "payment",
            "client_reference_id": payment_id,
            "success_url": back,
            "cancel_url": back,
            "allowed_payment_method_types": ["card"],
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": amount.currency.lower(),
                        "unit_amount": amount.minor,
                        "product_data": {"name": reference},
                    },
                }
            ],
            "payment_intent_data": intent,
            "metadata": metadata,
        }
        if saves_card:
            metadata["card"] = saves_card
            intent["setup_future_usage"] = "off_session"
            # A card is kept with a customer, who is made with it.
            asked["customer_creation"] = "always"

        def make(under: str) -> stripe.checkout.Session:
            return self._client.checkout.sessions.create(asked, {"idempotency_key": under})

        # Nothing can be paid on a page that nobody knows, so a second one would do no harm.
        return self._opened(once(key, lambda: None, make))

    def payment(self, ref: str) -> ProviderPayment:
        with refusals():
            if ref.startswith(SESSION):
                return self._opened(self._session(ref))
            intent = self._client.payment_intents.retrieve(ref, {"expand": [CHARGE, METHOD]})
            opened = self._client.checkout.sessions.list({"payment_intent": ref, "limit": 1}).data
            seen = reading.payment(intent)
            return reading.known_by(seen, opened[0].id) if opened else seen

    def page(self, ref: str) -> ProviderPayment | ProviderCard:
        with refusals():
            session = self._client.checkout.sessions.retrieve(ref)
        return self.saved_card(ref) if session.mode == "setup" else self.payment(ref)

    def save_card(self, *, card_id: str, currency: str, key: str) -> ProviderCard:
        return self._card(
            stripe_cards.open_page(
                self._client,
                card_id=card_id,
                currency=currency,
                back=self._return_address(card_id),
                key=key,
            )
        )

    def saved_card(self, ref: str) -> ProviderCard:
        return self._card(stripe_cards.read(self._client, ref))

    def _card(self, session: stripe.checkout.Session) -> ProviderCard:
        seen = reading.card(session)
        return replace(seen, page_url=self._page(session.url, seen.card_id) if session.url else "")

    def forget_card(self, method_ref: str, *, key: str) -> None:
        stripe_cards.forget(self._client, method_ref, key=key)

    def charge_card(
        self,
        *,
        payment_id: str,
        reference: str,
        amount: Money,
        customer_ref: str,
        method_ref: str,
        key: str,
    ) -> ProviderPayment:
        intent = stripe_cards.charge(
            self._client,
            payment_id=payment_id,
            reference=reference,
            amount=amount,
            customer_ref=customer_ref,
            method_ref=method_ref,
            key=key,
        )
        return self.payment(intent.id)

    def _session(self, ref: str) -> stripe.checkout.Session:
        return self._client.checkout.sessions.retrieve(
            ref, {"expand": [f"payment_intent.{CHARGE}", f"payment_intent.{METHOD}"]}
        )

    def _opened(self, session: stripe.checkout.Session) -> ProviderPayment:
        seen = reading.session(session)
        return replace(
            seen, page_url=self._page(session.url or "", seen.payment_id) if session.url else ""
        )

    def capture(self, ref: str, *, amount: Money, key: str) -> ProviderPayment:
        intent_ref = self._intent_of(ref)

        def taken() -> stripe.PaymentIntent | None:
            intent = self._client.payment_intents.retrieve(intent_ref)
            return intent if intent.status in ENDED else None

        once(
            key,
            taken,
            lambda under: self._client.payment_intents.capture(
                intent_ref, {"amount_to_capture": amount.minor}, {"idempotency_key": under}
            ),
        )
        return self.payment(ref)

    def cancel(self, ref: str, *, key: str) -> ProviderPayment:
        """An open page is closed; once a card was given there, its intent is cancelled."""
        if ref.startswith(SESSION) and self._close(ref, key=key):
            return self.payment(ref)
        intent_ref = self._intent_of(ref)

        def ended() -> stripe.PaymentIntent | None:
            intent = self._client.payment_intents.retrieve(intent_ref)
            return intent if intent.status in ENDED else None

        once(
            key,
            ended,
            lambda under: self._client.payment_intents.cancel(
                intent_ref, {"cancellation_reason": "abandoned"}, {"idempotency_key": under}
            ),
        )
        return self.payment(ref)

    def _close(self, ref: str, *, key: str) -> bool:
        """Whether the page is closed without a card having been given on it."""

        def closed() -> stripe.checkout.Session | None:
            session = self._client.checkout.sessions.retrieve(ref)
            return session if session.status != "open" else None

        session = once(
            f"{key}:page",
            closed,
            lambda under: self._client.checkout.sessions.expire(
                ref, None, {"idempotency_key": under}
            ),
        )
        return session.status == "expired"

    def _intent_of(self, ref: str) -> str:
        """Raises ProviderRefused where no card was given yet."""
        if not ref.startswith(SESSION):
            return ref
        with refusals():
            intent = self._client.checkout.sessions.retrieve(ref).payment_intent
        if intent is None:
            raise ProviderRefused("no_card_given", f"No card was given on {ref}.")
        return intent if isinstance(intent, str) else intent.id

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

    def dispute(self, ref: str) -> ProviderDispute:
        with refusals():
            return reading.dispute(self._client.disputes.retrieve(ref))

    def send_evidence(self, ref: str, *, text: str, key: str) -> ProviderDispute:
        def sent() -> stripe.Dispute | None:
            found = self._client.disputes.retrieve(ref)
            return None if found.status == "needs_response" else found

        return reading.dispute(
            once(
                key,
                sent,
                lambda under: self._client.disputes.update(
                    ref,
                    {"evidence": {"uncategorized_text": text}, "submit": True},
                    {"idempotency_key": under},
                ),
            )
        )

    def open_account(
        self,
        *,
        account_id: str,
        holder: str,
        country: str,
        currency: str,
        key: str,
        number: str = "",
    ) -> ProviderAccount:
        asked = accounts.parameters(
            account_id=account_id, holder=holder, country=country, home=self._country
        )
        if not self.identifies_sellers:
            asked |= accounts.named_by_us(
                holder=holder, country=country, currency=currency, number=number
            )
        made = once(
            key,
            lambda: None,
            lambda under: self._client.accounts.create(asked, {"idempotency_key": under}),
        )
        return reading.account(made)

    def account(self, ref: str) -> ProviderAccount:
        with refusals():
            return reading.account(self._client.accounts.retrieve(ref))

    def account_page(self, ref: str, *, key: str) -> str:
        def make(under: str) -> stripe.AccountLink:
            return self._client.account_links.create(
                {
                    "account": ref,
                    "type": "account_onboarding",
                    "refresh_url": self._account_address(),
                    "return_url": self._account_address(),
                    "collection_options": {"fields": "eventually_due"},
                },
                {"idempotency_key": under},
            )

        return once(key, lambda: None, make).url

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
        self._check_signature(body, signature)
        try:
            return reading.news(json.loads(body), is_live=self._is_live)
        except (ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError,
                ValueError) as error:  # fmt: skip
            raise NewsUnreadable(f"{type(error).__name__}: {error}"[:200]) from error

    def _check_signature(self, body: bytes, signature: str) -> None:
        """Raise SignatureRefused unless one of our endpoints' secrets signed the body, within the tolerance."""
        refused: Exception | None = None
        for secret in self._secrets:
            try:
                stripe.WebhookSignature.verify_header(
                    body, signature, secret, stripe.Webhook.DEFAULT_TOLERANCE
                )
            except (stripe.SignatureVerificationError, ValueError, TypeError) as error:
                refused = error
            else:
                return
        raise SignatureRefused(str(refused)) from refused
