"""The acts of the trading floor and what each needs: use, negotiation, auctions, state assets, contracts."""

from collections.abc import Mapping

from exchange.members.acts import Act, Bar, Power, Reach
from exchange.members.power_parts import (
    ACTIVE,
    LEADERS,
    SCOPE_ORDERS,
    SCOPE_ORDERS_WRITE,
    SCOPE_PAYMENTS,
    SCOPE_USAGE_READ,
    SCOPE_USAGE_WRITE,
    TAKING_PART,
    for_roles,
    operators,
)
from exchange.members.roles import DEALING, Kind, Role

_SELLERS = frozenset({Kind.SELLER, Kind.DATA_DEALER})
_SELLING = for_roles(Role.DATA_OWNER, Role.DATA_OPERATOR)
_BUYING = for_roles(Role.BUYER_AGENT)

# Whoever sells through the floor; programs may too.
_SELL = Power(roles=_SELLING, kinds=_SELLERS, standings=ACTIVE, scope=SCOPE_ORDERS_WRITE)
# Whoever buys on it, from anybody but their own house.
_BUY = Power(
    reach=Reach.ENGAGED,
    roles=_BUYING,
    kinds=DEALING - {Kind.SELLER},
    standings=ACTIVE,
    bars=frozenset({Bar.OWN_ORGANISATION}),
    scope=SCOPE_ORDERS_WRITE,
)
_SEE = Power(reach=Reach.ENGAGED, changes=False, overseen=True, scope=SCOPE_ORDERS)

TRADING_POWERS: Mapping[Act, Power] = {
    # The holder of the product reports what was used of it.
    Act.USAGE_REPORT: Power(
        roles=for_roles(Role.DATA_OPERATOR), standings=TAKING_PART, scope=SCOPE_USAGE_WRITE
    ),
    Act.USAGE_SEE: Power(reach=Reach.ENGAGED, changes=False, overseen=True, scope=SCOPE_USAGE_READ),
    Act.USAGE_CAP_SET: Power(
        memberships=LEADERS,
        roles=for_roles(Role.BUYER_AGENT, Role.FINANCE),
        standings=TAKING_PART,
    ),
    Act.QUOTE_ASK: _BUY,
    Act.QUOTE_MAKE: _SELL,
    Act.NEGOTIATION_SEE: _SEE,
    Act.AUCTION_SCHEDULE: _SELL,
    Act.AUCTION_BID: _BUY,
    Act.AUCTION_SEE: _SEE,
    Act.AUCTION_MODERATE: operators(bars=frozenset({Bar.OTHER_SIDE})),
    Act.CONTRACT_SEE: _SEE,
    # Who signs binds the organisation: its leaders, or its officer for rights. Never a program.
    Act.CONTRACT_SIGN: Power(
        reach=Reach.ENGAGED,
        memberships=LEADERS,
        roles=for_roles(Role.LEGAL_OFFICER),
        standings=TAKING_PART,
        second_factor=True,
    ),
    Act.ASSET_SALE_PREPARE: Power(roles=_SELLING, kinds=_SELLERS, standings=ACTIVE),
    Act.ASSET_SALE_DECIDE: Power(
        roles=for_roles(Role.COMMITTEE),
        standings=TAKING_PART,
        barred=for_roles(Role.DATA_OWNER),
        bars=frozenset({Bar.OWN_MAKING, Bar.DECLARED_CONFLICT}),
        four_eyes=True,
    ),
    Act.ASSET_SALE_SEE: _SEE,
    Act.ASSET_SALE_BID: _BUY,
    Act.ASSET_SALE_MODERATE: operators(bars=frozenset({Bar.OTHER_SIDE})),
    Act.WALLET_SEE: Power(changes=False, overseen=True, scope=SCOPE_PAYMENTS),
    Act.WALLET_USE: Power(
        memberships=LEADERS,
        roles=for_roles(Role.BUYER_AGENT, Role.FINANCE),
        standings=TAKING_PART,
    ),
}
