"""What an actor may ask policy about: the acts, and what a power to do one is made of."""

from dataclasses import dataclass
from enum import Enum, StrEnum

from accounts.models import MembershipRole
from exchange.members.roles import Kind, Role
from exchange.members.states import Standing


class Act(StrEnum):
    """Something that an actor may or may not do."""

    ADMISSION_SEE = "members.admission.see"
    ADMISSION_APPLY = "members.admission.apply"
    ADMISSION_ANSWER = "members.admission.answer"
    ADMISSION_WITHDRAW = "members.admission.withdraw"
    ADMISSION_ACCEPT_RULES = "members.admission.accept_rules"
    ADMISSION_REVIEW = "members.admission.review"
    ADMISSION_PROPOSE = "members.admission.propose"
    ADMISSION_DECIDE = "members.admission.decide"
    DOCUMENT_ADD = "members.document.add"
    DOCUMENT_SEE = "members.document.see"
    TEAM_SEE = "members.team.see"
    ROLE_GRANT = "members.role.grant"
    ROLE_REVOKE = "members.role.revoke"
    OPERATOR_APPOINT = "members.operator.appoint"
    CONSOLE_OPEN = "console.open"
    CONSOLE_CHANGE = "console.change"
    LOG_READ = "log.read"
    LEDGER_SEE = "ledger.see"
    OFFER_MAKE = "catalog.offer.make"
    PRODUCT_SEE = "catalog.product.see"
    LISTING_END = "catalog.listing.end"
    LISTING_REVIEW = "catalog.listing.review"
    DEMAND_POST = "catalog.demand.post"
    DEMAND_ANSWER = "catalog.demand.answer"
    REVIEW_WRITE = "catalog.review.write"
    PRICE_PROPOSE = "pricing.price.propose"
    PRICE_APPROVE = "pricing.price.approve"
    TRADE_BUY = "orders.trade.buy"
    LIMIT_SET = "orders.limit.set"
    ORDER_SEE = "orders.order.see"
    ORDER_CONFIRM = "orders.order.confirm"
    ORDER_CANCEL = "orders.order.cancel"
    ORDER_ACCEPT = "orders.order.accept"
    ORDER_MESSAGE = "orders.order.message"
    ORDER_MODERATE = "orders.order.moderate"
    RULING_DECIDE = "orders.ruling.decide"
    GRADE_DECIDE = "registry.grade.decide"
    RIGHTS_CHANGE = "registry.rights.change"
    REGISTRATION_DECIDE = "registry.registration.decide"
    OPINION_ISSUE = "assets.opinion.issue"
    VALUATION_SIGN = "assets.valuation.sign"
    METER_CORRECT = "metering.meter.correct"
    USAGE_REPORT = "metering.usage.report"
    USAGE_SEE = "metering.usage.see"
    USAGE_CAP_SET = "metering.cap.set"
    QUOTE_ASK = "negotiation.quote.ask"
    QUOTE_MAKE = "negotiation.quote.make"
    NEGOTIATION_SEE = "negotiation.see"
    AUCTION_SCHEDULE = "auctions.auction.schedule"
    AUCTION_BID = "auctions.bid.place"
    AUCTION_SEE = "auctions.auction.see"
    AUCTION_MODERATE = "auctions.auction.moderate"
    CONTRACT_SEE = "contracts.contract.see"
    CONTRACT_SIGN = "contracts.contract.sign"
    ASSET_SALE_PREPARE = "asset_sales.asset_sale.prepare"
    ASSET_SALE_DECIDE = "asset_sales.asset_sale.decide"
    ASSET_SALE_SEE = "asset_sales.asset_sale.see"
    ASSET_SALE_BID = "asset_sales.bid.register"
    ASSET_SALE_MODERATE = "asset_sales.asset_sale.moderate"
    WALLET_SEE = "payments.wallet.see"
    WALLET_USE = "payments.wallet.use"
    PAYMENTS_RUN = "payments.run"
    PAYMENT_SEE = "payments.payment.see"
    PAYMENT_MAKE = "payments.payment.make"
    EARNINGS_SEE = "payments.earnings.see"
    PAPER_SEE = "payments.paper.see"
    PAYOUT_ACCOUNT_SET = "payments.payout_account.set"
    FILE_KEEP = "vault.file.keep"
    FILE_SEE = "vault.file.see"
    ENTITLEMENT_SEE = "delivery.entitlement.see"
    ENTITLEMENT_STOP = "delivery.entitlement.stop"
    ROWS_SEE = "delivery.rows.see"
    PLEDGE_DECIDE = "assets.pledge.decide"


class Reach(Enum):
    """Whose things an act may be done to."""

    OWN = "own"  # those of the organisation acted for
    ENGAGED = "engaged"  # and those that it was called in for
    EXCHANGE = "exchange"  # everybody's


class Bar(Enum):
    """A relation to the subject that bars an act: the separation of duties at the moment of acting."""

    OWN_ORGANISATION = "own_organisation"
    OWN_MAKING = "own_making"
    OTHER_SIDE = "other_side"
    DECLARED_CONFLICT = "declared_conflict"


@dataclass(frozen=True)
class Power:
    """What an act needs. Empty sets ask for nothing.

    A person needs one of `memberships` or one of `roles`; a key needs `scope` instead, and without
    one no key may: agreeing, applying and giving roles is for people. Any of `barred` bars, whatever else is held. `standings` are those in which the
    organisation may do it; None among them stands for "no admission". `four_eyes` acts are never
    done by the exchange's own clock.
    """

    reach: Reach = Reach.OWN
    changes: bool = True
    memberships: frozenset[MembershipRole] = frozenset()
    roles: frozenset[Role] = frozenset()
    kinds: frozenset[Kind] = frozenset()
    standings: frozenset[Standing | None] = frozenset()
    barred: frozenset[Role] = frozenset()
    bars: frozenset[Bar] = frozenset()
    second_factor: bool = False
    four_eyes: bool = False
    overseen: bool = False  # operators and regulators may do it to everybody's: reading only
    scope: str | None = None
