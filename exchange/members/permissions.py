"""What may be done at the exchange, and what each permission asks: one row for each, read by `policy.py`.

A room that gains something to do adds a member and a row here; the checks themselves do not change.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import MembershipRole
from exchange.members.lifecycle import Standing
from exchange.members.roles import DEALING, Kind, Role

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
SCOPE_USAGE_READ = "usage:read"
SCOPE_USAGE_WRITE = "usage:write"

# Every scope that a key may have, and what it opens. The first two are of the organisation itself.
SCOPES: Mapping[str, str | Promise] = {
    "organisation:read": _("Read the organisation, its members and its invitations"),
    "organisation:write": _("Invite members and take invitations back"),
    SCOPE_READ: _("Read the admission to the exchange and the roles held there"),
    SCOPE_LEDGER: _("Read the ledger accounts and their statements"),
    SCOPE_ORDERS: _("Read the orders of the organisation, as buyer and as seller"),
    SCOPE_ORDERS_WRITE: _("Make and answer offers, schedule auctions and bid in them"),
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
    OPERATOR_APPOINT = "members.operator.appoint"
    CONSOLE_OPEN = "console.open"
    CONSOLE_CHANGE = "console.change"
    LEDGER_SEE = "ledger.see"
    OFFER_MAKE = "catalog.offer.make"
    PRODUCT_SEE = "catalog.product.see"
    LISTING_END = "catalog.listing.end"
    LISTING_REVIEW = "catalog.listing.review"
    DEMAND_POST = "catalog.demand.post"
    DEMAND_ANSWER = "catalog.demand.answer"
    REVIEW_WRITE = "catalog.review.write"
    PRICE_PROPOSE = "pricing.price.propose"
    TRADE_BUY = "orders.trade.buy"
    LIMIT_SET = "orders.limit.set"
    ORDER_SEE = "orders.order.see"
    ORDER_CONFIRM = "orders.order.confirm"
    ORDER_CANCEL = "orders.order.cancel"
    ORDER_ACCEPT = "orders.order.accept"
    ORDER_MESSAGE = "orders.order.message"
    ORDER_MODERATE = "orders.order.moderate"
    RULING_DECIDE = "orders.ruling.decide"
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


class ConflictOfInterest(Enum):
    """A relation to the subject that forbids acting on it: separation of duties at the moment of acting."""

    OWN_ORGANISATION = "own_organisation"
    OWN_MAKING = "own_making"
    OTHER_SIDE = "other_side"
    DECLARED_CONFLICT = "declared_conflict"


@dataclass(frozen=True)
class PermissionRule:
    """What a permission asks of the actor. Empty sets ask for nothing.

    A person needs one of `memberships` or one of `roles`; a key needs `scope` instead, and without
    one no key may: agreeing, applying and giving roles is for people. Any of `excluded_roles` and
    any of `conflicts` forbids it, whatever else is held. `standings` are those in which the
    organisation may do it; None among them stands for "no admission". `four_eyes` permissions are
    never given to the exchange's own clock.
    """

    reach: Reach = Reach.OWN
    changes: bool = True
    memberships: frozenset[MembershipRole] = frozenset()
    roles: frozenset[Role] = frozenset()
    kinds: frozenset[Kind] = frozenset()
    standings: frozenset[Standing | None] = frozenset()
    excluded_roles: frozenset[Role] = frozenset()
    conflicts: frozenset[ConflictOfInterest] = frozenset()
    second_factor: bool = False
    four_eyes: bool = False
    overseen: bool = False  # operators and regulators may do it to everybody's: reading only
    scope: str | None = None


LEADERS = frozenset({MembershipRole.OWNER, MembershipRole.ADMIN})
OWNERS = frozenset({MembershipRole.OWNER})
BEFORE: frozenset[Standing | None] = frozenset({None, Standing.EXITED})
UNDER_REVIEW: frozenset[Standing | None] = frozenset({Standing.APPLIED, Standing.VERIFIED})
TAKING_PART: frozenset[Standing | None] = frozenset({Standing.ACTIVE, Standing.RESTRICTED})
ACTIVE: frozenset[Standing | None] = frozenset({Standing.ACTIVE})


def for_roles(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


def operators(
    *, conflicts: frozenset[ConflictOfInterest] = frozenset(), four_eyes: bool = False
) -> PermissionRule:
    """What operators do to everybody's things, never to those of their own house."""
    return PermissionRule(
        reach=Reach.EXCHANGE,
        roles=for_roles(Role.OPERATOR),
        standings=ACTIVE,
        conflicts=conflicts | {ConflictOfInterest.OWN_ORGANISATION},
        second_factor=True,
        four_eyes=four_eyes,
    )


_SELLERS = frozenset({Kind.SELLER, Kind.DATA_DEALER})
_SELLING = for_roles(Role.DATA_OWNER, Role.DATA_OPERATOR)
_BUYING = for_roles(Role.BUYER_AGENT)

# Whoever sells by negotiation and auction; programs may too.
_SELL = PermissionRule(roles=_SELLING, kinds=_SELLERS, standings=ACTIVE, scope=SCOPE_ORDERS_WRITE)
# Whoever buys that way, from anybody but their own house.
_BUY = PermissionRule(
    reach=Reach.ENGAGED,
    roles=_BUYING,
    kinds=DEALING - {Kind.SELLER},
    standings=ACTIVE,
    conflicts=frozenset({ConflictOfInterest.OWN_ORGANISATION}),
    scope=SCOPE_ORDERS_WRITE,
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
    Permission.ADMISSION_DECIDE: operators(
        conflicts=frozenset({ConflictOfInterest.OWN_MAKING}), four_eyes=True
    ),
    Permission.DOCUMENT_SEE: PermissionRule(changes=False, memberships=LEADERS, overseen=True),
    Permission.IDENTITY_ASK: PermissionRule(
        memberships=LEADERS, standings=frozenset(Standing) - {Standing.EXITED}
    ),
    Permission.IDENTITY_DECIDE: operators(
        conflicts=frozenset({ConflictOfInterest.OWN_MAKING}), four_eyes=True
    ),
    Permission.TEAM_SEE: PermissionRule(changes=False, overseen=True, scope=SCOPE_READ),
    Permission.ROLE_GRANT: PermissionRule(memberships=LEADERS, standings=TAKING_PART),
    Permission.ROLE_REVOKE: PermissionRule(memberships=LEADERS),
    Permission.OPERATOR_APPOINT: PermissionRule(
        roles=for_roles(Role.OPERATOR),
        standings=ACTIVE,
        conflicts=frozenset({ConflictOfInterest.OWN_MAKING}),
        second_factor=True,
    ),
    Permission.CONSOLE_OPEN: PermissionRule(
        reach=Reach.EXCHANGE,
        changes=False,
        roles=for_roles(Role.OPERATOR, Role.REGULATOR),
        standings=ACTIVE,
        second_factor=True,
    ),
    Permission.CONSOLE_CHANGE: PermissionRule(
        reach=Reach.EXCHANGE, roles=for_roles(Role.OPERATOR), standings=ACTIVE, second_factor=True
    ),
    Permission.LEDGER_SEE: PermissionRule(
        changes=False,
        memberships=LEADERS,
        roles=for_roles(Role.FINANCE),
        overseen=True,
        scope=SCOPE_LEDGER,
    ),
    Permission.OFFER_MAKE: PermissionRule(
        roles=for_roles(Role.DATA_OWNER, Role.DATA_OPERATOR),
        kinds=frozenset({Kind.SELLER, Kind.DATA_DEALER}),
        standings=ACTIVE,
        scope=SCOPE_CATALOG_WRITE,
    ),
    Permission.PRODUCT_SEE: PermissionRule(changes=False, overseen=True, scope=SCOPE_CATALOG_READ),
    # Whoever may do no new business may still end what it has on offer.
    Permission.LISTING_END: PermissionRule(
        memberships=LEADERS,
        roles=for_roles(Role.DATA_OWNER, Role.DATA_OPERATOR),
        standings=TAKING_PART,
        scope=SCOPE_CATALOG_WRITE,
    ),
    Permission.LISTING_REVIEW: operators(conflicts=frozenset({ConflictOfInterest.OWN_MAKING})),
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
        memberships=LEADERS, roles=for_roles(Role.BUYER_AGENT), standings=TAKING_PART
    ),
    Permission.PRICE_PROPOSE: PermissionRule(
        roles=for_roles(Role.DATA_OWNER, Role.DATA_OPERATOR), standings=TAKING_PART
    ),
    Permission.TRADE_BUY: PermissionRule(
        reach=Reach.ENGAGED,
        roles=for_roles(Role.BUYER_AGENT),
        kinds=DEALING - {Kind.SELLER},
        standings=ACTIVE,
        conflicts=frozenset({ConflictOfInterest.OWN_ORGANISATION}),
    ),
    Permission.LIMIT_SET: PermissionRule(memberships=LEADERS, standings=TAKING_PART),
    Permission.ORDER_SEE: PermissionRule(
        reach=Reach.ENGAGED, changes=False, overseen=True, scope=SCOPE_ORDERS
    ),
    Permission.ORDER_CONFIRM: PermissionRule(
        memberships=LEADERS,
        roles=for_roles(Role.BUYER_AGENT, Role.FINANCE),
        kinds=DEALING - {Kind.SELLER},
        standings=ACTIVE,
        conflicts=frozenset({ConflictOfInterest.OWN_MAKING}),
        four_eyes=True,
    ),
    # What is under way may be ended in any standing that still takes part.
    Permission.ORDER_CANCEL: PermissionRule(
        memberships=LEADERS, roles=for_roles(Role.BUYER_AGENT), standings=TAKING_PART
    ),
    Permission.ORDER_ACCEPT: PermissionRule(
        memberships=LEADERS, roles=for_roles(Role.BUYER_AGENT), standings=TAKING_PART
    ),
    Permission.ORDER_MESSAGE: PermissionRule(reach=Reach.ENGAGED, standings=TAKING_PART),
    Permission.ORDER_MODERATE: operators(conflicts=frozenset({ConflictOfInterest.OTHER_SIDE})),
    Permission.RULING_DECIDE: operators(
        conflicts=frozenset({ConflictOfInterest.OTHER_SIDE, ConflictOfInterest.OWN_MAKING}),
        four_eyes=True,
    ),
    Permission.PAYMENTS_RUN: operators(),
    Permission.PAYMENT_SEE: PermissionRule(changes=False, overseen=True, scope=SCOPE_PAYMENTS),
    Permission.PAYMENT_MAKE: PermissionRule(
        memberships=LEADERS,
        roles=for_roles(Role.BUYER_AGENT, Role.FINANCE),
        standings=TAKING_PART,
    ),
    Permission.EARNINGS_SEE: PermissionRule(
        changes=False,
        memberships=LEADERS,
        roles=for_roles(Role.FINANCE),
        overseen=True,
        scope=SCOPE_PAYMENTS,
    ),
    Permission.PAYMENT_DOCUMENT_SEE: PermissionRule(
        reach=Reach.ENGAGED, changes=False, overseen=True, scope=SCOPE_PAYMENTS
    ),
    # Where the money goes is decided by those who answer for the organisation.
    Permission.PAYOUT_ACCOUNT_SET: PermissionRule(
        memberships=LEADERS,
        roles=for_roles(Role.FINANCE),
        standings=TAKING_PART,
        second_factor=True,
    ),
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
    Permission.USAGE_CAP_SET: PermissionRule(
        memberships=LEADERS,
        roles=for_roles(Role.BUYER_AGENT, Role.FINANCE),
        standings=TAKING_PART,
    ),
    Permission.USAGE_DISPUTE: PermissionRule(
        memberships=LEADERS,
        roles=for_roles(Role.BUYER_AGENT, Role.FINANCE),
        standings=TAKING_PART,
    ),
    Permission.USAGE_RULE: operators(conflicts=frozenset({ConflictOfInterest.OTHER_SIDE})),
    Permission.QUOTE_ASK: _BUY,
    Permission.QUOTE_MAKE: _SELL,
    Permission.NEGOTIATION_SEE: _SEE,
    Permission.AUCTION_SCHEDULE: _SELL,
    Permission.AUCTION_BID: _BUY,
    # What was bid is withdrawn or revealed by whoever may bid, under a restriction too.
    Permission.AUCTION_ANSWER: PermissionRule(
        roles=_BUYING | _SELLING, standings=TAKING_PART, scope=SCOPE_ORDERS_WRITE
    ),
    Permission.AUCTION_SEE: _SEE,
    Permission.AUCTION_MODERATE: operators(conflicts=frozenset({ConflictOfInterest.OTHER_SIDE})),
    Permission.CONTRACT_SEE: _SEE,
    # Who signs binds the organisation: its leaders, or its officer for rights. Never a program.
    Permission.CONTRACT_SIGN: PermissionRule(
        reach=Reach.ENGAGED,
        memberships=LEADERS,
        roles=for_roles(Role.LEGAL_OFFICER),
        standings=TAKING_PART,
        second_factor=True,
    ),
    Permission.ASSET_SALE_PREPARE: PermissionRule(roles=_SELLING, kinds=_SELLERS, standings=ACTIVE),
    Permission.ASSET_SALE_DECIDE: PermissionRule(
        roles=for_roles(Role.COMMITTEE),
        standings=TAKING_PART,
        excluded_roles=for_roles(Role.DATA_OWNER),
        conflicts=frozenset({ConflictOfInterest.OWN_MAKING, ConflictOfInterest.DECLARED_CONFLICT}),
        four_eyes=True,
    ),
    Permission.ASSET_SALE_SEE: _SEE,
    Permission.ASSET_SALE_BID: _BUY,
    Permission.ASSET_SALE_MODERATE: operators(conflicts=frozenset({ConflictOfInterest.OTHER_SIDE})),
    Permission.WALLET_SEE: PermissionRule(changes=False, overseen=True, scope=SCOPE_PAYMENTS),
    Permission.WALLET_USE: PermissionRule(
        memberships=LEADERS,
        roles=for_roles(Role.BUYER_AGENT, Role.FINANCE),
        standings=TAKING_PART,
    ),
}
