"""What may be done at the exchange, and what each permission asks: one row for each, read by `policy.py`.

A room that gains something to do adds a member and a row here; the checks themselves do not change.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import MembershipRole
from exchange.members.conflicts import ConflictOfInterest as Bar
from exchange.members.lifecycle import Standing
from exchange.members.roles import DEALING, OVERSEERS, STAFF, Kind, Role

SCOPE_READ = "members:read"
SCOPE_LEDGER = "ledger:read"
SCOPE_LOG = "log:read"
SCOPE_CATALOG_READ = "catalog:read"
SCOPE_CATALOG_WRITE = "catalog:write"
SCOPE_VAULT_READ = "vault:read"
SCOPE_VAULT_WRITE = "vault:write"
SCOPE_DELIVERY = "delivery:read"
SCOPE_ORDERS = "orders:read"
SCOPE_PAYMENTS = "payments:read"
SCOPE_ORDERS_WRITE = "orders:write"
SCOPE_BUY = "orders:buy"
SCOPE_USAGE_READ = "usage:read"
SCOPE_USAGE_WRITE = "usage:write"

# Every scope that a key may have, and what it opens. The first two are of the organisation itself.
SCOPES: Mapping[str, str | Promise] = {
    "organisation:read": _("Read the organisation, its members and its invitations"),
    "organisation:write": _("Invite members and take invitations back"),
    SCOPE_READ: _("Read the admission to the exchange and the roles held there"),
    SCOPE_LEDGER: _("Read the ledger accounts and their statements"),
    SCOPE_ORDERS: _("Read the orders of the organisation, as buyer and as seller"),
    SCOPE_ORDERS_WRITE: _("Ask for offers and make them, schedule auctions"),
    SCOPE_BUY: _("Buy, accept offers and bid, within a limit of the key's own"),
    SCOPE_USAGE_READ: _("Read what was metered and billed, as buyer and as seller"),
    SCOPE_USAGE_WRITE: _("Report what was used of the organisation's products"),
    SCOPE_PAYMENTS: _("Read the payments, payouts, invoices and statements of the organisation"),
    SCOPE_LOG: _("Read the organisation's own records in the transparency log"),
    SCOPE_CATALOG_READ: _("Read the organisation's own products, also those not listed"),
    SCOPE_CATALOG_WRITE: _("Draft, offer, submit and withdraw products"),
    SCOPE_VAULT_READ: _("Read the stored files and what was found in them"),
    SCOPE_VAULT_WRITE: _("Upload files and remove them"),
    SCOPE_DELIVERY: _("List what was bought and download it"),
}


class Permission(StrEnum):
    """Something that an actor may or may not do: each has its row in PERMISSION_RULES."""

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
    IDENTITY_ASK = "members.identity.ask"
    IDENTITY_DECIDE = "members.identity.decide"
    TEAM_SEE = "members.team.see"
    ROLE_GRANT = "members.role.grant"
    ROLE_REVOKE = "members.role.revoke"
    STAFF_PROPOSE = "members.staff.propose"
    STAFF_APPOINT = "members.staff.appoint"
    PERSON_DEACTIVATE = "members.person.deactivate"
    PERSON_RESTORE = "members.person.restore"
    RELATION_DECLARE = "members.relation.declare"
    BANNER_SHOW = "notices.banner.show"
    RULES_PROPOSE = "core.rules.propose"
    RULES_CHANGE = "core.rules.change"
    CONSOLE_OPEN = "console.open"
    CONSOLE_CHANGE = "console.change"
    DESK_OPEN = "desk.open"
    LEDGER_SEE = "ledger.see"
    OFFER_MAKE = "catalog.offer.make"
    PRODUCT_SEE = "catalog.product.see"
    LISTING_END = "catalog.listing.end"
    LISTING_REVIEW = "catalog.listing.review"
    REVENUE_SHARE = "catalog.revenue.share"
    DEMAND_POST = "catalog.demand.post"
    DEMAND_ANSWER = "catalog.demand.answer"
    REVIEW_WRITE = "catalog.review.write"
    QUESTION_ASK = "catalog.question.ask"
    PRICE_PROPOSE = "pricing.price.propose"
    TRADE_BUY = "orders.trade.buy"
    LIMIT_SET = "orders.limit.set"
    LIMIT_RAISE = "orders.limit.raise"
    ORDER_SEE = "orders.order.see"
    ORDER_CONFIRM = "orders.order.confirm"
    ORDER_CANCEL = "orders.order.cancel"
    ORDER_ACCEPT = "orders.order.accept"
    ORDER_REFUND = "orders.order.refund"
    ORDER_MESSAGE = "orders.order.message"
    ORDER_MODERATE = "orders.order.moderate"
    ORDER_ASSIST = "orders.order.assist"
    RULING_DECIDE = "orders.ruling.decide"
    DISPUTE_SPEAK = "disputes.dispute.speak"
    USAGE_REPORT = "metering.usage.report"
    USAGE_SEE = "metering.usage.see"
    USAGE_CAP_SET = "metering.cap.set"
    USAGE_DISPUTE = "metering.dispute.speak"
    USAGE_RULE = "metering.dispute.rule"
    QUOTE_ASK = "negotiation.quote.ask"
    QUOTE_MAKE = "negotiation.quote.make"
    NEGOTIATION_SEE = "negotiation.see"
    AUCTION_SCHEDULE = "auctions.auction.schedule"
    AUCTION_BID = "auctions.bid.place"
    AUCTION_ANSWER = "auctions.bid.answer"
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
    PAYMENTS_HANDLE = "payments.handle"
    PAYMENTS_RUN = "payments.run"
    PAYMENT_SEE = "payments.payment.see"
    PAYMENT_MAKE = "payments.payment.make"
    EARNINGS_SEE = "payments.earnings.see"
    PAYMENT_DOCUMENT_SEE = "payments.document.see"
    PAYOUT_ACCOUNT_SET = "payments.payout_account.set"
    FILE_KEEP = "vault.file.keep"
    FILE_SEE = "vault.file.see"
    ENTITLEMENT_SEE = "delivery.entitlement.see"
    ENTITLEMENT_STOP = "delivery.entitlement.stop"
    ROWS_SEE = "delivery.rows.see"


class Reach(Enum):
    """Whose things an act may be done to."""

    OWN = "own"  # those of the organisation acted for
    ENGAGED = "engaged"  # and those that it was called in for
    EXCHANGE = "exchange"  # everybody's


@dataclass(frozen=True)
class PermissionRule:
    """What a permission asks of the actor. Empty sets ask for nothing.

    A person needs one of `memberships` or one of `roles`; a key needs `scope` instead, and without
    one no key may: agreeing, applying and giving roles is for people. Any of `excluded_roles` and
    any of `conflicts` forbids it, whatever else is held. `standings` are those in which the
    organisation may do it; None among them stands for "no admission". `four_eyes` permissions are
    never given to the exchange's own clock; what takes `two_people` is done only by approving what
    somebody else asked for (`approvals.py`).
    """

    reach: Reach = Reach.OWN
    changes: bool = True
    memberships: frozenset[MembershipRole] = frozenset()
    roles: frozenset[Role] = frozenset()
    kinds: frozenset[Kind] = frozenset()
    standings: frozenset[Standing | None] = frozenset()
    excluded_roles: frozenset[Role] = frozenset()
    conflicts: frozenset[Bar] = frozenset()
    second_factor: bool = False
    four_eyes: bool = False
    two_people: bool = False
    overseen: bool = False  # operators and regulators may do it to everybody's: reading only
    scope: str | None = None

    @property
    def is_of_exchange(self) -> bool:
        """Whether only those who work for the exchange may do it."""
        return bool(self.roles) and self.roles <= STAFF


LEADERS = frozenset({MembershipRole.OWNER, MembershipRole.ADMIN})
OWNERS = frozenset({MembershipRole.OWNER})
BEFORE: frozenset[Standing | None] = frozenset({None, Standing.EXITED})
UNDER_REVIEW: frozenset[Standing | None] = frozenset({Standing.APPLIED, Standing.VERIFIED})
TAKING_PART: frozenset[Standing | None] = frozenset({Standing.ACTIVE, Standing.RESTRICTED})
ACTIVE: frozenset[Standing | None] = frozenset({Standing.ACTIVE})


def for_roles(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


def staff(
    *roles: Role,
    conflicts: frozenset[Bar] = frozenset(),
    four_eyes: bool = False,
    two_people: bool = False,
) -> PermissionRule:
    """What those who work for the exchange do to everybody's things, never to those of their own
    house, nor where they are tied to a party."""
    return PermissionRule(
        reach=Reach.EXCHANGE,
        roles=for_roles(*roles),
        standings=ACTIVE,
        conflicts=conflicts | {Bar.OWN_ORGANISATION, Bar.OTHER_SIDE},
        second_factor=True,
        four_eyes=four_eyes,
        two_people=two_people,
    )


def operators(
    *, conflicts: frozenset[Bar] = frozenset(), four_eyes: bool = False
) -> PermissionRule:
    """What operators decide: members, listings, orders, auctions. Never money or rules."""
    return staff(Role.OPERATOR, conflicts=conflicts, four_eyes=four_eyes)


def seconded(*roles: Role) -> PermissionRule:
    """What one of these roles asks for and another person with such a role approves."""
    return staff(*roles, conflicts=frozenset({Bar.OWN_MAKING}), two_people=True)


_SELLERS = frozenset({Kind.SELLER, Kind.DATA_DEALER})
_SELLING = for_roles(Role.DATA_OWNER, Role.DATA_OPERATOR)
_BUYING = for_roles(Role.BUYER_AGENT)

# Whoever sells by negotiation and auction; programs may too.
_SELL = PermissionRule(
    roles=_SELLING,
    kinds=_SELLERS,
    standings=ACTIVE,
    conflicts=frozenset({Bar.BOTH_SIDES}),
    scope=SCOPE_ORDERS_WRITE,
)
# The buyer's money in the wallet, and what is set aside of it.
_SPEND = PermissionRule(
    memberships=LEADERS, roles=for_roles(Role.BUYER_AGENT, Role.FINANCE), standings=TAKING_PART
)
# Whoever buys that way, from anybody but their own house.
_BUY = PermissionRule(
    reach=Reach.ENGAGED,
    roles=_BUYING,
    kinds=DEALING - {Kind.SELLER},
    standings=ACTIVE,
    conflicts=frozenset({Bar.OWN_ORGANISATION, Bar.BOTH_SIDES}),
    scope=SCOPE_ORDERS_WRITE,
)
# Where the money goes is decided by those who answer for the organisation.
_PAID_TO = PermissionRule(
    memberships=LEADERS, roles=for_roles(Role.FINANCE), standings=TAKING_PART, second_factor=True
)
_SEE_MONEY = PermissionRule(
    changes=False,
    memberships=LEADERS,
    roles=for_roles(Role.FINANCE),
    overseen=True,
    scope=SCOPE_PAYMENTS,
)
# What operators do to people, those of their own house among them.
_OF_PEOPLE = PermissionRule(
    reach=Reach.EXCHANGE,
    roles=for_roles(Role.OPERATOR),
    standings=ACTIVE,
    conflicts=frozenset({Bar.OWN_MAKING}),
    second_factor=True,
)
_SEE = PermissionRule(reach=Reach.ENGAGED, changes=False, overseen=True, scope=SCOPE_ORDERS)

PERMISSION_RULES: Mapping[Permission, PermissionRule] = {
    Permission.ADMISSION_SEE: PermissionRule(changes=False, overseen=True, scope=SCOPE_READ),
    Permission.ADMISSION_APPLY: PermissionRule(memberships=LEADERS, standings=BEFORE),
    Permission.ADMISSION_ANSWER: PermissionRule(memberships=LEADERS, standings=UNDER_REVIEW),
    Permission.DOCUMENT_ADD: PermissionRule(
        memberships=LEADERS, standings=frozenset(Standing) - {Standing.EXITED}
    ),
    Permission.ADMISSION_WITHDRAW: PermissionRule(
        memberships=OWNERS, standings=UNDER_REVIEW | {Standing.QUALIFIED}
    ),
    Permission.ADMISSION_ACCEPT_RULES: PermissionRule(
        memberships=OWNERS, standings=frozenset({Standing.QUALIFIED})
    ),
    Permission.ADMISSION_REVIEW: operators(),
    Permission.ADMISSION_PROPOSE: operators(),
    Permission.ADMISSION_DECIDE: operators(conflicts=frozenset({Bar.OWN_MAKING}), four_eyes=True),
    Permission.DOCUMENT_SEE: PermissionRule(changes=False, memberships=LEADERS, overseen=True),
    Permission.IDENTITY_ASK: PermissionRule(
        memberships=LEADERS, standings=frozenset(Standing) - {Standing.EXITED}
    ),
    Permission.IDENTITY_DECIDE: operators(conflicts=frozenset({Bar.OWN_MAKING}), four_eyes=True),
    Permission.TEAM_SEE: PermissionRule(changes=False, overseen=True, scope=SCOPE_READ),
    Permission.ROLE_GRANT: PermissionRule(memberships=LEADERS, standings=TAKING_PART),
    Permission.ROLE_REVOKE: PermissionRule(memberships=LEADERS),
    # Who works for the exchange is appointed by two operators, and let go by one.
    Permission.STAFF_PROPOSE: _OF_PEOPLE,
    Permission.STAFF_APPOINT: replace(_OF_PEOPLE, two_people=True),
    # Anybody's account is taken out of use by one operator, a colleague's too, and brought back by two.
    Permission.PERSON_DEACTIVATE: replace(_OF_PEOPLE, conflicts=frozenset({Bar.OTHER_SIDE})),
    Permission.PERSON_RESTORE: replace(
        _OF_PEOPLE, conflicts=frozenset({Bar.OWN_MAKING, Bar.OTHER_SIDE}), two_people=True
    ),
    Permission.CONSOLE_OPEN: PermissionRule(
        reach=Reach.EXCHANGE, changes=False, roles=OVERSEERS, standings=ACTIVE, second_factor=True
    ),
    # To use a page of the console that changes something; the act itself asks for its own.
    Permission.CONSOLE_CHANGE: PermissionRule(
        reach=Reach.EXCHANGE, roles=STAFF, standings=ACTIVE, second_factor=True
    ),
    # The sellers' admin: whoever belongs to the organisation looks, and each act asks for its own.
    Permission.DESK_OPEN: PermissionRule(changes=False, kinds=_SELLERS),
    Permission.RELATION_DECLARE: operators(),
    Permission.BANNER_SHOW: operators(),
    Permission.RULES_PROPOSE: staff(Role.RULE_KEEPER),
    Permission.RULES_CHANGE: seconded(Role.RULE_KEEPER),
    Permission.LEDGER_SEE: replace(_SEE_MONEY, scope=SCOPE_LEDGER),
    Permission.OFFER_MAKE: PermissionRule(
        roles=_SELLING, kinds=_SELLERS, standings=ACTIVE, scope=SCOPE_CATALOG_WRITE
    ),
    Permission.PRODUCT_SEE: PermissionRule(changes=False, overseen=True, scope=SCOPE_CATALOG_READ),
    # Whoever may do no new business may still end what it has on offer.
    Permission.LISTING_END: PermissionRule(
        memberships=LEADERS,
        roles=for_roles(Role.DATA_OWNER, Role.DATA_OPERATOR),
        standings=TAKING_PART,
        scope=SCOPE_CATALOG_WRITE,
    ),
    Permission.LISTING_REVIEW: operators(conflicts=frozenset({Bar.OWN_MAKING})),
    Permission.REVENUE_SHARE: replace(_PAID_TO, reach=Reach.ENGAGED),
    Permission.DEMAND_POST: PermissionRule(
        memberships=LEADERS, roles=for_roles(Role.BUYER_AGENT), standings=TAKING_PART
    ),
    Permission.DEMAND_ANSWER: PermissionRule(
        memberships=LEADERS,
        roles=for_roles(Role.DATA_OWNER, Role.DATA_OPERATOR),
        kinds=frozenset({Kind.SELLER, Kind.DATA_DEALER}),
        standings=ACTIVE,
    ),
    Permission.REVIEW_WRITE: PermissionRule(
        memberships=LEADERS,
        roles=for_roles(Role.BUYER_AGENT),
        standings=TAKING_PART,
        conflicts=frozenset({Bar.BOTH_SIDES, Bar.SHARES_REVENUE}),
    ),
    # Whoever belongs to a member that deals; nobody asks a house of their own.
    Permission.QUESTION_ASK: PermissionRule(
        standings=TAKING_PART, kinds=DEALING, conflicts=frozenset({Bar.BOTH_SIDES})
    ),
    Permission.PRICE_PROPOSE: PermissionRule(
        roles=for_roles(Role.DATA_OWNER, Role.DATA_OPERATOR), standings=TAKING_PART
    ),
    Permission.TRADE_BUY: PermissionRule(
        reach=Reach.ENGAGED,
        roles=for_roles(Role.BUYER_AGENT),
        kinds=DEALING - {Kind.SELLER},
        standings=ACTIVE,
        conflicts=frozenset({Bar.OWN_ORGANISATION, Bar.BOTH_SIDES}),
        scope=SCOPE_BUY,
    ),
    Permission.LIMIT_SET: PermissionRule(memberships=LEADERS, standings=TAKING_PART),
    # Less control over what one person spends: another leader, or finance, has to agree.
    Permission.LIMIT_RAISE: PermissionRule(
        memberships=LEADERS,
        roles=for_roles(Role.FINANCE),
        standings=TAKING_PART,
        conflicts=frozenset({Bar.OWN_MAKING}),
        two_people=True,
    ),
    Permission.ORDER_SEE: PermissionRule(
        reach=Reach.ENGAGED, changes=False, overseen=True, scope=SCOPE_ORDERS
    ),
    Permission.ORDER_CONFIRM: PermissionRule(
        memberships=LEADERS,
        roles=for_roles(Role.BUYER_AGENT, Role.FINANCE),
        kinds=DEALING - {Kind.SELLER},
        standings=ACTIVE,
        conflicts=frozenset({Bar.OWN_MAKING, Bar.BOTH_SIDES}),
        four_eyes=True,
    ),
    # What is under way may be ended in any standing that still takes part.
    Permission.ORDER_CANCEL: PermissionRule(
        memberships=LEADERS, roles=for_roles(Role.BUYER_AGENT), standings=TAKING_PART
    ),
    Permission.ORDER_ACCEPT: PermissionRule(
        memberships=LEADERS,
        roles=for_roles(Role.BUYER_AGENT),
        standings=TAKING_PART,
        conflicts=frozenset({Bar.BOTH_SIDES}),
    ),
    # The seller's own money goes back to its buyer.
    Permission.ORDER_REFUND: PermissionRule(
        memberships=LEADERS,
        roles=for_roles(Role.FINANCE),
        kinds=_SELLERS,
        standings=TAKING_PART,
        conflicts=frozenset({Bar.BOTH_SIDES}),
    ),
    Permission.ORDER_MESSAGE: PermissionRule(reach=Reach.ENGAGED, standings=TAKING_PART),
    Permission.ORDER_MODERATE: operators(),
    Permission.ORDER_ASSIST: staff(Role.OPERATOR, Role.SUPPORT),
    Permission.RULING_DECIDE: operators(
        conflicts=frozenset({Bar.OWN_MAKING}),
        four_eyes=True,
    ),
    Permission.DISPUTE_SPEAK: PermissionRule(
        memberships=LEADERS,
        roles=for_roles(Role.BUYER_AGENT, Role.DATA_OWNER, Role.DATA_OPERATOR),
        standings=TAKING_PART,
        conflicts=frozenset({Bar.BOTH_SIDES}),
    ),
    Permission.PAYMENTS_HANDLE: staff(Role.EXCHANGE_FINANCE),
    Permission.PAYMENTS_RUN: seconded(Role.EXCHANGE_FINANCE),
    Permission.PAYMENT_SEE: PermissionRule(changes=False, overseen=True, scope=SCOPE_PAYMENTS),
    Permission.PAYMENT_MAKE: PermissionRule(
        memberships=LEADERS,
        roles=for_roles(Role.BUYER_AGENT, Role.FINANCE),
        standings=TAKING_PART,
    ),
    Permission.EARNINGS_SEE: _SEE_MONEY,
    Permission.PAYMENT_DOCUMENT_SEE: PermissionRule(
        reach=Reach.ENGAGED, changes=False, overseen=True, scope=SCOPE_PAYMENTS
    ),
    Permission.PAYOUT_ACCOUNT_SET: _PAID_TO,
    Permission.FILE_KEEP: PermissionRule(
        roles=for_roles(Role.DATA_OWNER, Role.DATA_OPERATOR),
        kinds=frozenset({Kind.SELLER, Kind.DATA_DEALER}),
        standings=TAKING_PART,
        scope=SCOPE_VAULT_WRITE,
    ),
    Permission.FILE_SEE: PermissionRule(
        changes=False,
        memberships=LEADERS,
        roles=for_roles(
            Role.DATA_OWNER,
            Role.DATA_OPERATOR,
            Role.SECURITY_OFFICER,
            Role.LEGAL_OFFICER,
            Role.COMMITTEE,
        ),
        overseen=True,
        scope=SCOPE_VAULT_READ,
    ),
    Permission.ENTITLEMENT_SEE: PermissionRule(changes=False, overseen=True, scope=SCOPE_DELIVERY),
    Permission.ENTITLEMENT_STOP: operators(),
    Permission.ROWS_SEE: PermissionRule(
        reach=Reach.ENGAGED,
        changes=False,
        scope=SCOPE_DELIVERY,
        roles=for_roles(
            Role.DATA_OWNER, Role.DATA_OPERATOR, Role.SECURITY_OFFICER, Role.BUYER_AGENT
        ),
        standings=TAKING_PART,
    ),
    # The holder of the product reports what was used of it.
    Permission.USAGE_REPORT: PermissionRule(
        roles=for_roles(Role.DATA_OPERATOR), standings=TAKING_PART, scope=SCOPE_USAGE_WRITE
    ),
    Permission.USAGE_SEE: PermissionRule(
        reach=Reach.ENGAGED, changes=False, overseen=True, scope=SCOPE_USAGE_READ
    ),
    Permission.USAGE_CAP_SET: _SPEND,
    Permission.USAGE_DISPUTE: _SPEND,
    Permission.USAGE_RULE: operators(conflicts=frozenset({Bar.OTHER_SIDE})),
    Permission.QUOTE_ASK: _BUY,
    Permission.QUOTE_MAKE: _SELL,
    Permission.NEGOTIATION_SEE: _SEE,
    Permission.AUCTION_SCHEDULE: _SELL,
    Permission.AUCTION_BID: replace(_BUY, scope=SCOPE_BUY),
    # What was bid is withdrawn or revealed by whoever may bid, under a restriction too.
    Permission.AUCTION_ANSWER: PermissionRule(
        roles=_BUYING | _SELLING, standings=TAKING_PART, scope=SCOPE_ORDERS_WRITE
    ),
    Permission.AUCTION_SEE: _SEE,
    Permission.AUCTION_MODERATE: operators(),
    Permission.CONTRACT_SEE: _SEE,
    # Who signs binds the organisation: its leaders, or its officer for rights. Never a program.
    Permission.CONTRACT_SIGN: PermissionRule(
        reach=Reach.ENGAGED,
        memberships=LEADERS,
        roles=for_roles(Role.LEGAL_OFFICER),
        standings=TAKING_PART,
        conflicts=frozenset({Bar.BOTH_SIDES}),
        second_factor=True,
    ),
    Permission.ASSET_SALE_PREPARE: PermissionRule(roles=_SELLING, kinds=_SELLERS, standings=ACTIVE),
    Permission.ASSET_SALE_DECIDE: PermissionRule(
        roles=for_roles(Role.COMMITTEE),
        standings=TAKING_PART,
        excluded_roles=for_roles(Role.DATA_OWNER),
        conflicts=frozenset({Bar.OWN_MAKING, Bar.DECLARED_CONFLICT}),
        four_eyes=True,
    ),
    Permission.ASSET_SALE_SEE: _SEE,
    Permission.ASSET_SALE_BID: replace(_BUY, scope=SCOPE_BUY),
    Permission.ASSET_SALE_MODERATE: operators(),
    Permission.WALLET_SEE: PermissionRule(changes=False, overseen=True, scope=SCOPE_PAYMENTS),
    Permission.WALLET_USE: _SPEND,
}
