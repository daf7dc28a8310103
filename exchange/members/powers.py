"""Every act that policy knows, and what each needs: one row for each, read by `policy.py`.

A room that gains a new act adds a row here, or in `trading_powers.py` for the trading floor; the policy
itself does not change.
"""

from collections.abc import Mapping

from exchange.members.acts import Act, Bar, Power, Reach
from exchange.members.power_parts import (
    ACTIVE,
    BEFORE,
    LEADERS,
    OWNERS,
    SCOPE_CATALOG_READ,
    SCOPE_CATALOG_WRITE,
    SCOPE_DELIVERY,
    SCOPE_LEDGER,
    SCOPE_LOG,
    SCOPE_ORDERS,
    SCOPE_PAYMENTS,
    SCOPE_READ,
    SCOPE_VAULT_READ,
    SCOPE_VAULT_WRITE,
    TAKING_PART,
    UNDER_REVIEW,
    for_roles,
    operators,
)
from exchange.members.roles import DEALING, EVALUATORS, Kind, Role
from exchange.members.states import Standing
from exchange.members.trading_powers import TRADING_POWERS

POWERS: Mapping[Act, Power] = {
    Act.ADMISSION_SEE: Power(changes=False, overseen=True, scope=SCOPE_READ),
    Act.ADMISSION_APPLY: Power(memberships=LEADERS, standings=BEFORE),
    Act.ADMISSION_ANSWER: Power(memberships=LEADERS, standings=UNDER_REVIEW),
    Act.DOCUMENT_ADD: Power(memberships=LEADERS, standings=frozenset(Standing) - {Standing.EXITED}),
    Act.ADMISSION_WITHDRAW: Power(
        memberships=OWNERS, standings=UNDER_REVIEW | {Standing.QUALIFIED}
    ),
    Act.ADMISSION_ACCEPT_RULES: Power(
        memberships=OWNERS, standings=frozenset({Standing.QUALIFIED})
    ),
    Act.ADMISSION_REVIEW: operators(),
    Act.ADMISSION_PROPOSE: operators(),
    Act.ADMISSION_DECIDE: operators(bars=frozenset({Bar.OWN_MAKING}), four_eyes=True),
    Act.DOCUMENT_SEE: Power(changes=False, memberships=LEADERS, overseen=True),
    Act.TEAM_SEE: Power(changes=False, overseen=True, scope=SCOPE_READ),
    Act.ROLE_GRANT: Power(memberships=LEADERS, standings=TAKING_PART),
    Act.ROLE_REVOKE: Power(memberships=LEADERS),
    Act.OPERATOR_APPOINT: Power(
        roles=for_roles(Role.OPERATOR),
        standings=ACTIVE,
        bars=frozenset({Bar.OWN_MAKING}),
        second_factor=True,
    ),
    Act.CONSOLE_OPEN: Power(
        reach=Reach.EXCHANGE,
        changes=False,
        roles=for_roles(Role.OPERATOR, Role.REGULATOR),
        standings=ACTIVE,
        second_factor=True,
    ),
    Act.CONSOLE_CHANGE: Power(
        reach=Reach.EXCHANGE, roles=for_roles(Role.OPERATOR), standings=ACTIVE, second_factor=True
    ),
    Act.LOG_READ: Power(changes=False, overseen=True, scope=SCOPE_LOG),
    Act.LEDGER_SEE: Power(
        changes=False,
        memberships=LEADERS,
        roles=for_roles(Role.FINANCE),
        overseen=True,
        scope=SCOPE_LEDGER,
    ),
    Act.OFFER_MAKE: Power(
        roles=for_roles(Role.DATA_OWNER, Role.DATA_OPERATOR),
        kinds=frozenset({Kind.SELLER, Kind.DATA_DEALER}),
        standings=ACTIVE,
        scope=SCOPE_CATALOG_WRITE,
    ),
    Act.PRODUCT_SEE: Power(changes=False, overseen=True, scope=SCOPE_CATALOG_READ),
    # Whoever may do no new business may still end what it has on offer.
    Act.LISTING_END: Power(
        memberships=LEADERS,
        roles=for_roles(Role.DATA_OWNER, Role.DATA_OPERATOR),
        standings=TAKING_PART,
        scope=SCOPE_CATALOG_WRITE,
    ),
    Act.LISTING_REVIEW: operators(bars=frozenset({Bar.OWN_MAKING})),
    Act.DEMAND_POST: Power(
        memberships=LEADERS, roles=for_roles(Role.BUYER_AGENT), standings=TAKING_PART
    ),
    Act.DEMAND_ANSWER: Power(
        memberships=LEADERS,
        roles=for_roles(Role.DATA_OWNER, Role.DATA_OPERATOR),
        kinds=frozenset({Kind.SELLER, Kind.DATA_DEALER}),
        standings=ACTIVE,
    ),
    Act.REVIEW_WRITE: Power(
        memberships=LEADERS, roles=for_roles(Role.BUYER_AGENT), standings=TAKING_PART
    ),
    Act.PRICE_PROPOSE: Power(
        roles=for_roles(Role.DATA_OWNER, Role.DATA_OPERATOR), standings=TAKING_PART
    ),
    Act.PRICE_APPROVE: Power(
        roles=for_roles(Role.COMMITTEE),
        standings=TAKING_PART,
        barred=for_roles(Role.DATA_OWNER),
        bars=frozenset({Bar.OWN_MAKING, Bar.DECLARED_CONFLICT}),
        four_eyes=True,
    ),
    Act.TRADE_BUY: Power(
        reach=Reach.ENGAGED,
        roles=for_roles(Role.BUYER_AGENT),
        kinds=DEALING - {Kind.SELLER},
        standings=ACTIVE,
        bars=frozenset({Bar.OWN_ORGANISATION}),
    ),
    Act.LIMIT_SET: Power(memberships=LEADERS, standings=TAKING_PART),
    Act.ORDER_SEE: Power(reach=Reach.ENGAGED, changes=False, overseen=True, scope=SCOPE_ORDERS),
    Act.ORDER_CONFIRM: Power(
        memberships=LEADERS,
        roles=for_roles(Role.BUYER_AGENT, Role.FINANCE),
        kinds=DEALING - {Kind.SELLER},
        standings=ACTIVE,
        bars=frozenset({Bar.OWN_MAKING}),
        four_eyes=True,
    ),
    # What is under way may be ended in any standing that still takes part.
    Act.ORDER_CANCEL: Power(
        memberships=LEADERS, roles=for_roles(Role.BUYER_AGENT), standings=TAKING_PART
    ),
    Act.ORDER_ACCEPT: Power(
        memberships=LEADERS, roles=for_roles(Role.BUYER_AGENT), standings=TAKING_PART
    ),
    Act.ORDER_MESSAGE: Power(reach=Reach.ENGAGED, standings=TAKING_PART),
    Act.ORDER_MODERATE: operators(bars=frozenset({Bar.OTHER_SIDE})),
    Act.RULING_DECIDE: operators(bars=frozenset({Bar.OTHER_SIDE, Bar.OWN_MAKING}), four_eyes=True),
    Act.GRADE_DECIDE: Power(roles=for_roles(Role.SECURITY_OFFICER), standings=TAKING_PART),
    Act.RIGHTS_CHANGE: Power(roles=for_roles(Role.LEGAL_OFFICER), standings=TAKING_PART),
    Act.REGISTRATION_DECIDE: Power(
        reach=Reach.ENGAGED,
        roles=for_roles(Role.REGISTRAR),
        kinds=frozenset({Kind.REGISTRATION_BODY}),
        standings=ACTIVE,
        bars=frozenset({Bar.OWN_ORGANISATION, Bar.OWN_MAKING}),
    ),
    Act.OPINION_ISSUE: Power(
        reach=Reach.ENGAGED,
        roles=for_roles(Role.EVALUATOR),
        kinds=EVALUATORS,
        standings=ACTIVE,
        bars=frozenset({Bar.OWN_ORGANISATION, Bar.OTHER_SIDE}),
    ),
    Act.VALUATION_SIGN: Power(
        reach=Reach.ENGAGED,
        roles=for_roles(Role.EVALUATOR),
        kinds=frozenset({Kind.APPRAISER}),
        standings=ACTIVE,
        barred=for_roles(Role.DATA_OPERATOR),
        bars=frozenset({Bar.OWN_ORGANISATION, Bar.OTHER_SIDE}),
    ),
    Act.METER_CORRECT: Power(
        roles=for_roles(Role.DATA_OPERATOR), standings=TAKING_PART, barred=for_roles(Role.FINANCE)
    ),
    Act.PAYMENTS_RUN: operators(),
    Act.PAYMENT_SEE: Power(changes=False, overseen=True, scope=SCOPE_PAYMENTS),
    Act.PAYMENT_MAKE: Power(
        memberships=LEADERS,
        roles=for_roles(Role.BUYER_AGENT, Role.FINANCE),
        standings=TAKING_PART,
    ),
    Act.EARNINGS_SEE: Power(
        changes=False,
        memberships=LEADERS,
        roles=for_roles(Role.FINANCE),
        overseen=True,
        scope=SCOPE_PAYMENTS,
    ),
    Act.PAPER_SEE: Power(reach=Reach.ENGAGED, changes=False, overseen=True, scope=SCOPE_PAYMENTS),
    # Where the money goes is decided by those who answer for the organisation.
    Act.PAYOUT_ACCOUNT_SET: Power(
        memberships=LEADERS,
        roles=for_roles(Role.FINANCE),
        standings=TAKING_PART,
        second_factor=True,
    ),
    Act.FILE_KEEP: Power(
        roles=for_roles(Role.DATA_OWNER, Role.DATA_OPERATOR),
        kinds=frozenset({Kind.SELLER, Kind.DATA_DEALER}),
        standings=TAKING_PART,
        scope=SCOPE_VAULT_WRITE,
    ),
    Act.FILE_SEE: Power(
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
    Act.ENTITLEMENT_SEE: Power(changes=False, overseen=True, scope=SCOPE_DELIVERY),
    Act.ENTITLEMENT_STOP: operators(),
    Act.ROWS_SEE: Power(
        reach=Reach.ENGAGED,
        changes=False,
        scope=SCOPE_DELIVERY,
        roles=for_roles(
            Role.DATA_OWNER, Role.DATA_OPERATOR, Role.SECURITY_OFFICER, Role.BUYER_AGENT
        ),
        standings=TAKING_PART,
        barred=for_roles(Role.ALGORITHM_PARTNER, Role.BANK_OFFICER),
    ),
    Act.PLEDGE_DECIDE: Power(
        reach=Reach.ENGAGED,
        roles=for_roles(Role.BANK_OFFICER),
        kinds=frozenset({Kind.BANK, Kind.TRUSTEE}),
        standings=ACTIVE,
        bars=frozenset({Bar.OWN_ORGANISATION}),
    ),
    **TRADING_POWERS,
}
