"""What a payment provider does for the exchange, in the exchange's own words.

Every call that changes something takes a `key`. The same key again gives the same effect once,
for ever: a gateway looks for what an earlier attempt left before it asks again. Calls are made
outside transactions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from pricing.money import Money


class OutcomeUnknown(Exception):
    """No clear answer: it may or may not have happened. Ask again with the same key, never undo."""


class ProviderRefused(Exception):
    """A definite no; nothing has happened. `code` is the provider's own."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class SignatureRefused(Exception):
    """The message was not sent by the provider, was altered, or is too old."""


class NewsUnreadable(Exception):
    """The message is signed by the provider, but is none that we can keep."""


class PaymentStatus(StrEnum):
    """How far the payer's money is."""

    WAITING = "waiting"
    AUTHORISED = "authorised"
    RECEIVED = "received"
    CANCELLED = "cancelled"


class MoneyStatus(StrEnum):
    """How far money is that goes out."""

    UNDER_WAY = "under_way"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class ProviderCard:
    """The provider's view of a card that is being saved on its page, or that was: then it can be charged by
    `method_ref`, of the customer `customer_ref`."""

    ref: str
    card_id: str
    is_closed: bool = False
    customer_ref: str = ""
    method_ref: str = ""
    brand: str = ""
    last4: str = ""
    exp_month: int = 0
    exp_year: int = 0
    refusal: str = ""
    page_url: str = ""


@dataclass(frozen=True)
class ProviderPayment:
    """The provider's view of one payment. `refusal` is why the last attempt, `charge_ref`, was declined;
    `page_url` is where the payer gives the card, while that can be done. `saves_card` is our id of the card that is
    saved with it, `card` that card once it was given."""

    ref: str
    status: PaymentStatus
    amount: Money
    payment_id: str
    charge_ref: str = ""
    fee_minor: int = 0
    refusal: str = ""
    page_url: str = ""
    # Of an attempt on a saved card, which is no page of the payer's.
    is_attempt: bool = False
    saves_card: str = ""
    card: ProviderCard | None = None


@dataclass(frozen=True)
class ProviderRefund:
    ref: str
    status: MoneyStatus
    amount: Money
    refund_id: str
    failure: str = ""
    charge_ref: str = ""


class DisputeStatus(StrEnum):
    """How far a payer's bank is with a payment that its customer disputes."""

    INQUIRY = "inquiry"  # no money has moved
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True)
class ProviderDispute:
    """A dispute of a charge; `fee_minor` was taken for it, and evidence is to come by `due_at`."""

    ref: str
    status: DisputeStatus
    charge_ref: str
    amount: Money
    fee_minor: int = 0
    reason: str = ""
    due_at: datetime | None = None


@dataclass(frozen=True)
class ProviderAccount:
    """A seller's account that can be paid to once it is `ready`. `missing` is what the provider asks for
    before it is, or before `due_at` if it is to stay so; `disabled` is why it cannot be paid to."""

    ref: str
    ready: bool
    account_id: str = ""
    label: str = ""
    missing: tuple[str, ...] = ()
    disabled: str = ""
    due_at: datetime | None = None


@dataclass(frozen=True)
class ProviderPayout:
    """Money on its way to a seller: moved to its account (`transfer_ref`) and from there to its bank."""

    transfer_ref: str
    payout_ref: str
    status: MoneyStatus
    payout_id: str
    failure: str = ""


@dataclass(frozen=True)
class ProviderMovement:
    """One line of our account at the provider; `amount` is signed, `fee_minor` was taken from it."""

    ref: str
    kind: str
    source_ref: str
    amount: Money
    fee_minor: int
    created_at: datetime
    available_at: datetime


@dataclass(frozen=True)
class ProviderBalance:
    available: Money
    pending: Money


@dataclass(frozen=True)
class ProviderNews:
    """A signed message. It only says what to look at: its own contents are never believed."""

    event_id: str
    kind: str
    object_type: str
    object_id: str
    account: str
    created_at: datetime


class Provider(Protocol):
    """A payment provider. All raise OutcomeUnknown, those that change something ProviderRefused too."""

    name: str
    # Whether sellers give their bank account, and say who they are, on the provider's own pages.
    identifies_sellers: bool

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
        """Open a page on which the payer gives a card; what it is given for is authorised, and taken only where
        it `takes_at_once`. `reference` is what the payer reads there. The card is kept for charges without its
        holder where `saves_card` names it."""
        ...

    def payment(self, ref: str) -> ProviderPayment: ...

    def page(self, ref: str) -> ProviderPayment | ProviderCard:
        """What has become of a page, whatever it was opened for."""
        ...

    def save_card(self, *, card_id: str, currency: str, key: str) -> ProviderCard:
        """Open a page on which the payer gives a card that is kept for later."""
        ...

    def saved_card(self, ref: str) -> ProviderCard: ...

    def forget_card(self, method_ref: str, *, key: str) -> None: ...

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
        """Authorise an amount on a saved card while its holder is away. Raises ProviderRefused where the bank
        declines, or wants to ask the holder."""
        ...

    def capture(self, ref: str, *, amount: Money, key: str) -> ProviderPayment: ...

    def cancel(self, ref: str, *, key: str) -> ProviderPayment: ...

    def refund(
        self, charge_ref: str, *, refund_id: str, amount: Money, key: str
    ) -> ProviderRefund: ...

    def find_refund(self, ref: str) -> ProviderRefund: ...

    def dispute(self, ref: str) -> ProviderDispute: ...

    def send_evidence(self, ref: str, *, text: str, key: str) -> ProviderDispute: ...

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
        """An account of the seller's own country; `number` where the provider does not ask for it itself."""
        ...

    def account_page(self, ref: str, *, key: str) -> str:
        """Where the seller says who it is and where it is paid. The address is good once, for minutes."""
        ...

    def account(self, ref: str) -> ProviderAccount: ...

    def pay_out(
        self, *, payout_id: str, account_ref: str, amount: Money, key: str
    ) -> ProviderPayout: ...

    def payout(self, ref: str, *, account_ref: str) -> ProviderPayout: ...

    def call_back(self, transfer_ref: str, *, amount: Money, key: str) -> str:
        """Take money of a payout that did not arrive back from the seller's account."""
        ...

    def top_up(self, *, top_up_id: str, amount: Money, key: str) -> str: ...

    def balance(self, currency: str) -> ProviderBalance: ...

    def movements(self, *, since: datetime | None) -> Iterator[ProviderMovement]:
        """Lines of our account made at or after `since`, newest first."""
        ...

    def read_news(self, body: bytes, signature: str) -> ProviderNews:
        """Raises SignatureRefused."""
        ...
