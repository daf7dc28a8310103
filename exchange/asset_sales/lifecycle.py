"""The road of a state-asset sale and of who bids for it, as tables, and the choices they are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.core.lifecycle import NEW, Lifecycle, Transition

if TYPE_CHECKING:
    from exchange.asset_sales.models import AssetSale, Bidder


class AssetSaleState(TextChoices):
    """Where an asset sale stands."""

    PLANNED = "planned", _("Planned")
    DECIDED = "decided", _("Decided within the enterprise")
    VALUED = "valued", _("Valued")
    FILED = "filed", _("Valuation filed")
    ANNOUNCED = "announced", _("Announced")
    SUSPENDED = "suspended", _("Announcement suspended")
    QUALIFYING = "qualifying", _("Bidders are being examined")
    NO_BUYER = "no_buyer", _("No buyer")
    ONE_BUYER = "one_buyer", _("One buyer")
    BIDDING = "bidding", _("Bidding")
    WON = "won", _("Buyer found")
    RESULT_NOTICE = "result_notice", _("Result is public")
    CONTRACTED = "contracted", _("Contract concluded")
    PAID = "paid", _("Paid")
    CERTIFIED = "certified", _("Certificate issued")
    TRANSFERRED = "transferred", _("Right transferred")
    STALE = "stale", _("Valuation to be redone")
    CANCELLED = "cancelled", pgettext_lazy("asset_sale", "Cancelled")


class Turn(TextChoices):
    """Who has to do the next thing."""

    SELLER = "seller", _("The seller")
    COMMITTEE = "committee", _("The seller's committee")
    BIDDERS = "bidders", _("The bidders")
    OPERATOR = "operator", _("The exchange")
    BUYER = "buyer", _("The buyer")
    NOBODY = "nobody", _("Nobody")


class AssetSaleTransition(TextChoices):
    """What can happen to an asset sale. Each is one row of ASSET_SALE and, when done, one step."""

    PLAN = "plan", _("Asset sale planned")
    DECIDE = "decide", _("Decided by the seller's committee")
    VALUE = "value", _("Valuation or memo handed in")
    FILE = "file", _("Valuation filed")
    ANNOUNCE = "announce", _("Announced")
    SUSPEND = "suspend", _("Announcement suspended by the exchange")
    RESUME = "resume", _("Announcement goes on")
    CLOSE = "close", _("Announcement ended")
    FIND_NONE = "find_none", _("No qualified bidder")
    FIND_ONE = "find_one", _("One qualified bidder")
    FIND_MANY = "find_many", _("Several qualified bidders: bidding opened")
    EXTEND = "extend", _("Announced again at the same floor")
    CONSENT = "consent", _("Consent to a lower floor handed in")
    LOWER = "lower", _("Announced again at a lower floor")
    AGREE = "agree", _("Agreed with the one buyer")
    AWARD = "award", _("Bidding won")
    APPROVE_RELATED = "approve_related", _("Related buyer approved")
    PUBLISH = "publish", _("Result published")
    CONTRACT = "contract", pgettext_lazy("asset_sale", "Contract concluded")
    PAY = "pay", _("Price paid")
    DEFAULT = "default", _("The buyer did not pay")
    CERTIFY = "certify", pgettext_lazy("asset_sale", "Certificate issued")
    TRANSFER = "transfer", pgettext_lazy("asset_sale", "Right transferred")
    EXPIRE = "expire", _("The valuation has to be redone")
    CANCEL = "cancel", _("Asset sale cancelled")


class Party(TextChoices):
    """Who makes a transition. The exchange's own clock makes those of SYSTEM."""

    SELLER = "seller", _("The seller")
    COMMITTEE = "committee", _("The seller's committee")
    OPERATOR = "operator", _("The exchange")
    SYSTEM = "system", _("The exchange, by itself")


S, T, X, P = AssetSaleState, Turn, AssetSaleTransition, Party
# What may still be given up, since nobody is bound.
_OPEN = (S.PLANNED, S.DECIDED, S.VALUED, S.FILED, S.NO_BUYER, S.SUSPENDED, S.STALE)

ASSET_SALE: Lifecycle[AssetSale] = Lifecycle(
    "asset_sales.asset_sale",
    AssetSaleState,
    title=_("Sale of a state asset"),
    start=S.PLANNED,
    live=False,
    transitions=(
        Transition(
            X.PLAN, NEW, S.PLANNED, by=P.SELLER, turn=T.COMMITTEE,
            event="asset_sales.asset_sale.planned",
        ),
        Transition(
            X.DECIDE, S.PLANNED, S.DECIDED, by=P.COMMITTEE, turn=T.SELLER,
            event="asset_sales.asset_sale.decided", needs_reason=True,
        ),
        Transition(
            X.VALUE, (S.DECIDED, S.STALE), S.VALUED, by=P.SELLER, turn=T.SELLER,
            event="asset_sales.asset_sale.valued",
        ),
        Transition(
            X.FILE, S.VALUED, S.FILED, by=P.SELLER, turn=T.SELLER,
            in_time=True, event="asset_sales.asset_sale.filed",
        ),
        Transition(
            X.ANNOUNCE, S.FILED, S.ANNOUNCED, by=P.SELLER, turn=T.BIDDERS,
            in_time=True, event="asset_sales.asset_sale.announced",
        ),
        Transition(
            X.SUSPEND, S.ANNOUNCED, S.SUSPENDED, by=P.OPERATOR, turn=T.OPERATOR,
            event="asset_sales.asset_sale.suspended", needs_reason=True,
        ),
        Transition(
            X.RESUME, S.SUSPENDED, S.ANNOUNCED, by=P.OPERATOR, turn=T.BIDDERS,
            event="asset_sales.asset_sale.resumed", needs_reason=True,
        ),
        Transition(
            X.CLOSE, S.ANNOUNCED, S.QUALIFYING, by=P.SYSTEM, turn=T.OPERATOR,
            event="asset_sales.asset_sale.closed",
        ),
        Transition(
            X.FIND_NONE, S.QUALIFYING, S.NO_BUYER, by=P.SYSTEM, turn=T.SELLER,
            event="asset_sales.asset_sale.no_buyer_found",
        ),
        Transition(
            X.FIND_ONE, S.QUALIFYING, S.ONE_BUYER, by=P.SYSTEM, turn=T.SELLER,
            event="asset_sales.asset_sale.one_buyer_found",
        ),
        Transition(
            X.FIND_MANY, S.QUALIFYING, S.BIDDING, by=P.SYSTEM, turn=T.BIDDERS,
            event="asset_sales.asset_sale.bidding_opened",
        ),
        Transition(
            X.EXTEND, S.NO_BUYER, S.ANNOUNCED, by=P.SELLER, turn=T.BIDDERS,
            in_time=True, event="asset_sales.asset_sale.extended",
        ),
        Transition(
            X.CONSENT, S.NO_BUYER, None, by=P.COMMITTEE, turn=T.SELLER,
            in_time=True, event="asset_sales.asset_sale.consented",
        ),
        Transition(
            X.LOWER, S.NO_BUYER, S.ANNOUNCED, by=P.SELLER, turn=T.BIDDERS,
            in_time=True, event="asset_sales.asset_sale.lowered",
        ),
        Transition(
            X.AGREE, S.ONE_BUYER, S.WON, by=P.SELLER, turn=T.OPERATOR,
            event="asset_sales.asset_sale.agreed",
        ),
        Transition(
            X.AWARD, S.BIDDING, S.WON, by=P.SYSTEM, turn=T.OPERATOR,
            event="asset_sales.asset_sale.awarded",
        ),
        Transition(
            X.APPROVE_RELATED, S.WON, None, by=P.COMMITTEE, turn=T.OPERATOR,
            event="asset_sales.asset_sale.related_buyer_approved", needs_reason=True,
        ),
        Transition(
            X.PUBLISH, S.WON, S.RESULT_NOTICE, by=P.OPERATOR, turn=T.NOBODY,
            event="asset_sales.asset_sale.result_published",
        ),
        Transition(
            X.CONTRACT, S.RESULT_NOTICE, S.CONTRACTED, by=P.SYSTEM, turn=T.BUYER,
            event="asset_sales.asset_sale.contracted",
        ),
        Transition(
            X.PAY, S.CONTRACTED, S.PAID, by=P.SYSTEM, turn=T.BUYER,
            event="asset_sales.asset_sale.paid",
        ),
        Transition(
            X.DEFAULT, S.CONTRACTED, S.NO_BUYER, by=P.SYSTEM, turn=T.SELLER,
            event="asset_sales.asset_sale.defaulted",
        ),
        Transition(
            X.CERTIFY, S.PAID, S.CERTIFIED, by=P.SYSTEM, turn=T.NOBODY,
            event="asset_sales.asset_sale.certified",
        ),
        Transition(
            X.TRANSFER, S.CERTIFIED, S.TRANSFERRED, by=P.SYSTEM, turn=T.NOBODY,
            event="asset_sales.asset_sale.transferred",
        ),
        Transition(
            X.EXPIRE, (S.VALUED, S.FILED, S.NO_BUYER), S.STALE, by=P.SYSTEM, turn=T.SELLER,
            event="asset_sales.asset_sale.expired",
        ),
        Transition(
            X.CANCEL, _OPEN, S.CANCELLED, by=P.SELLER, turn=T.NOBODY,
            event="asset_sales.asset_sale.cancelled", needs_reason=True,
        ),
    ),
    when_due={
        S.VALUED: X.EXPIRE,
        S.FILED: X.EXPIRE,
        S.NO_BUYER: X.EXPIRE,
        S.ANNOUNCED: X.CLOSE,
        S.BIDDING: X.AWARD,
        S.RESULT_NOTICE: X.CONTRACT,
    },
)  # fmt: skip

ENDED = (S.TRANSFERRED, S.CANCELLED)
# Before its first announcement an asset sale is known to its seller and to who oversees.
IN_PREPARATION: frozenset[AssetSaleState] = frozenset({S.PLANNED, S.DECIDED, S.VALUED, S.FILED})


class Round(TextChoices):
    """Why an announcement was made."""

    FIRST = "first", _("First announcement")
    EXTENDED = "extended", _("Extended at the same floor")
    LOWERED = "lowered", _("Lowered floor")


class Standing(TextChoices):
    """What the exchange found of a bidder."""

    REGISTERED = "registered", _("Registered")
    QUALIFIED = "qualified", _("Qualified")
    REJECTED = "rejected", _("Not qualified")


class BidderTransition(TextChoices):
    """What can happen to a bidder."""

    REGISTER = "register", _("Registered")
    QUALIFY = "qualify", _("Qualified")
    REJECT = "reject", _("Not qualified")


BIDDER: Lifecycle[Bidder] = Lifecycle(
    "asset_sales.asset_sale_bidder",
    Standing,
    title=_("Bidders for state assets"),
    start=Standing.REGISTERED,
    state_field="standing",
    live=False,
    transitions=(
        Transition(
            BidderTransition.REGISTER, NEW, Standing.REGISTERED,
            event="asset_sales.bidder.registered",
        ),
        Transition(
            BidderTransition.QUALIFY, Standing.REGISTERED, Standing.QUALIFIED,
            event="asset_sales.bidder.qualified",
        ),
        Transition(
            BidderTransition.REJECT, Standing.REGISTERED, Standing.REJECTED, needs_reason=True,
            event="asset_sales.bidder.rejected",
        ),
    ),
)  # fmt: skip


class DocumentKind(TextChoices):
    """What a document is for."""

    MINUTES = "minutes", _("Minutes of the decision")
    VALUATION = "valuation", _("Valuation report")
    MEMO = "memo", _("Memo on consulted firms")
    FILING = "filing", _("Proof of filing")
    CONSENT = "consent", _("Consent of the approver")
