"""Every act that policy knows, and what each needs: one row for each, read by `policy.py`.

A room that gains a new act adds a row here; the policy itself does not change.
"""

from collections.abc import Mapping

from accounts.models import MembershipRole
from exchange.members.acts import Act, Bar, Power, Reach
from exchange.members.roles import DEALING, EVALUATORS, Kind, Role
from exchange.members.states import Standing

SCOPE_READ = "members:read"
SCOPE_LEDGER = "ledger:read"
SCOPE_LOG = "log:read"
SCOPE_CATALOG_READ = "catalog:read"
SCOPE_CATALOG_WRITE = "catalog:write"
SCOPE_VAULT_READ = "vault:read"
SCOPE_VAULT_WRITE = "vault:write"
SCOPE_DELIVERY = "delivery:read"
SCOPE_TRADING = "trading:read"
SCOPE_SETTLEMENT = "settlement:read"

_LEADERS = frozenset({MembershipRole.OWNER, MembershipRole.ADMIN})
_OWNER = frozenset({MembershipRole.OWNER})
_BEFORE: frozenset[Standing | None] = frozenset({None, Standing.EXITED})
_UNDER_REVIEW: frozenset[Standing | None] = frozenset({Standing.APPLIED, Standing.VERIFIED})
_TAKING_PART: frozenset[Standing | None] = frozenset({Standing.ACTIVE, Standing.RESTRICTED})
_ACTIVE: frozenset[Standing | None] = frozenset({Standing.ACTIVE})


def _for(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


def _operators(*, bars: frozenset[Bar] = frozenset(), four_eyes: bool = False) -> Power:
    """What operators do to everybody's things, never to those of their own house."""
    return Power(
        reach=Reach.EXCHANGE,
        roles=_for(Role.OPERATOR),
        standings=_ACTIVE,
        bars=bars | {Bar.OWN_ORGANISATION},
        second_factor=True,
        four_eyes=four_eyes,
    )


POWERS: Mapping[Act, Power] = {
    Act.ADMISSION_SEE: Power(changes=False, overseen=True, scope=SCOPE_READ),
    Act.ADMISSION_APPLY: Power(memberships=_LEADERS, standings=_BEFORE),
    Act.ADMISSION_ANSWER: Power(memberships=_LEADERS, standings=_UNDER_REVIEW),
    Act.DOCUMENT_ADD: Power(
        memberships=_LEADERS, standings=frozenset(Standing) - {Standing.EXITED}
    ),
    Act.ADMISSION_WITHDRAW: Power(
        memberships=_OWNER, standings=_UNDER_REVIEW | {Standing.QUALIFIED}
    ),
    Act.ADMISSION_ACCEPT_RULES: Power(
        memberships=_OWNER, standings=frozenset({Standing.QUALIFIED})
    ),
    Act.ADMISSION_REVIEW: _operators(),
    Act.ADMISSION_PROPOSE: _operators(),
    Act.ADMISSION_DECIDE: _operators(bars=frozenset({Bar.OWN_MAKING}), four_eyes=True),
    Act.DOCUMENT_SEE: Power(changes=False, memberships=_LEADERS, overseen=True),
    Act.TEAM_SEE: Power(changes=False, overseen=True, scope=SCOPE_READ),
    Act.ROLE_GRANT: Power(memberships=_LEADERS, standings=_TAKING_PART),
    Act.ROLE_REVOKE: Power(memberships=_LEADERS),
    Act.OPERATOR_APPOINT: Power(
        roles=_for(Role.OPERATOR),
        standings=_ACTIVE,
        bars=frozenset({Bar.OWN_MAKING}),
        second_factor=True,
    ),
    Act.CONSOLE_OPEN: Power(
        reach=Reach.EXCHANGE,
        changes=False,
        roles=_for(Role.OPERATOR, Role.REGULATOR),
        standings=_ACTIVE,
        second_factor=True,
    ),
    Act.CONSOLE_CHANGE: Power(
        reach=Reach.EXCHANGE, roles=_for(Role.OPERATOR), standings=_ACTIVE, second_factor=True
    ),
    Act.LOG_READ: Power(changes=False, overseen=True, scope=SCOPE_LOG),
    Act.LEDGER_SEE: Power(
        changes=False,
        memberships=_LEADERS,
        roles=_for(Role.FINANCE),
        overseen=True,
        scope=SCOPE_LEDGER,
    ),
    Act.OFFER_MAKE: Power(
        roles=_for(Role.DATA_OWNER, Role.DATA_OPERATOR),
        kinds=frozenset({Kind.SELLER, Kind.DATA_DEALER}),
        standings=_ACTIVE,
        scope=SCOPE_CATALOG_WRITE,
    ),
    Act.PRODUCT_SEE: Power(changes=False, overseen=True, scope=SCOPE_CATALOG_READ),
    # Whoever may do no new business may still end what it has on offer.
    Act.LISTING_END: Power(
        memberships=_LEADERS,
        roles=_for(Role.DATA_OWNER, Role.DATA_OPERATOR),
        standings=_TAKING_PART,
        scope=SCOPE_CATALOG_WRITE,
    ),
    Act.LISTING_REVIEW: _operators(bars=frozenset({Bar.OWN_MAKING})),
    Act.DEMAND_POST: Power(
        memberships=_LEADERS, roles=_for(Role.BUYER_AGENT), standings=_TAKING_PART
    ),
    Act.DEMAND_ANSWER: Power(
        memberships=_LEADERS,
        roles=_for(Role.DATA_OWNER, Role.DATA_OPERATOR),
        kinds=frozenset({Kind.SELLER, Kind.DATA_DEALER}),
        standings=_ACTIVE,
    ),
    Act.REVIEW_WRITE: Power(
        memberships=_LEADERS, roles=_for(Role.BUYER_AGENT), standings=_TAKING_PART
    ),
    Act.PRICE_PROPOSE: Power(
        roles=_for(Role.DATA_OWNER, Role.DATA_OPERATOR), standings=_TAKING_PART
    ),
    Act.PRICE_APPROVE: Power(
        roles=_for(Role.COMMITTEE),
        standings=_TAKING_PART,
        barred=_for(Role.DATA_OWNER),
        bars=frozenset({Bar.OWN_MAKING, Bar.DECLARED_CONFLICT}),
        four_eyes=True,
    ),
    Act.TRADE_BUY: Power(
        reach=Reach.ENGAGED,
        roles=_for(Role.BUYER_AGENT),
        kinds=DEALING - {Kind.SELLER},
        standings=_ACTIVE,
        bars=frozenset({Bar.OWN_ORGANISATION}),
    ),
    Act.LIMIT_SET: Power(memberships=_LEADERS, standings=_TAKING_PART),
    Act.ORDER_SEE: Power(reach=Reach.ENGAGED, changes=False, overseen=True, scope=SCOPE_TRADING),
    Act.ORDER_CONFIRM: Power(
        memberships=_LEADERS,
        roles=_for(Role.BUYER_AGENT, Role.FINANCE),
        kinds=DEALING - {Kind.SELLER},
        standings=_ACTIVE,
        bars=frozenset({Bar.OWN_MAKING}),
        four_eyes=True,
    ),
    # What is under way may be ended in any standing that still takes part.
    Act.ORDER_CANCEL: Power(
        memberships=_LEADERS, roles=_for(Role.BUYER_AGENT), standings=_TAKING_PART
    ),
    Act.ORDER_ACCEPT: Power(
        memberships=_LEADERS, roles=_for(Role.BUYER_AGENT), standings=_TAKING_PART
    ),
    Act.ORDER_MESSAGE: Power(reach=Reach.ENGAGED, standings=_TAKING_PART),
    Act.ORDER_MODERATE: _operators(bars=frozenset({Bar.OTHER_SIDE})),
    Act.RULING_DECIDE: _operators(bars=frozenset({Bar.OTHER_SIDE, Bar.OWN_MAKING}), four_eyes=True),
    Act.GRADE_DECIDE: Power(roles=_for(Role.SECURITY_OFFICER), standings=_TAKING_PART),
    Act.RIGHTS_CHANGE: Power(roles=_for(Role.LEGAL_OFFICER), standings=_TAKING_PART),
    Act.REGISTRATION_DECIDE: Power(
        reach=Reach.ENGAGED,
        roles=_for(Role.REGISTRAR),
        kinds=frozenset({Kind.REGISTRATION_BODY}),
        standings=_ACTIVE,
        bars=frozenset({Bar.OWN_ORGANISATION, Bar.OWN_MAKING}),
    ),
    Act.OPINION_ISSUE: Power(
        reach=Reach.ENGAGED,
        roles=_for(Role.EVALUATOR),
        kinds=EVALUATORS,
        standings=_ACTIVE,
        bars=frozenset({Bar.OWN_ORGANISATION, Bar.OTHER_SIDE}),
    ),
    Act.VALUATION_SIGN: Power(
        reach=Reach.ENGAGED,
        roles=_for(Role.EVALUATOR),
        kinds=frozenset({Kind.APPRAISER}),
        standings=_ACTIVE,
        barred=_for(Role.DATA_OPERATOR),
        bars=frozenset({Bar.OWN_ORGANISATION, Bar.OTHER_SIDE}),
    ),
    Act.METER_CORRECT: Power(
        roles=_for(Role.DATA_OPERATOR), standings=_TAKING_PART, barred=_for(Role.FINANCE)
    ),
    Act.SETTLEMENT_RUN: _operators(),
    Act.PAYMENT_SEE: Power(changes=False, overseen=True, scope=SCOPE_SETTLEMENT),
    Act.PAYMENT_MAKE: Power(
        memberships=_LEADERS,
        roles=_for(Role.BUYER_AGENT, Role.FINANCE),
        standings=_TAKING_PART,
    ),
    Act.EARNINGS_SEE: Power(
        changes=False,
        memberships=_LEADERS,
        roles=_for(Role.FINANCE),
        overseen=True,
        scope=SCOPE_SETTLEMENT,
    ),
    Act.PAPER_SEE: Power(reach=Reach.ENGAGED, changes=False, overseen=True, scope=SCOPE_SETTLEMENT),
    # Where the money goes is decided by those who answer for the organisation.
    Act.PAYOUT_ACCOUNT_SET: Power(
        memberships=_LEADERS,
        roles=_for(Role.FINANCE),
        standings=_TAKING_PART,
        second_factor=True,
    ),
    Act.FILE_KEEP: Power(
        roles=_for(Role.DATA_OWNER, Role.DATA_OPERATOR),
        kinds=frozenset({Kind.SELLER, Kind.DATA_DEALER}),
        standings=_TAKING_PART,
        scope=SCOPE_VAULT_WRITE,
    ),
    Act.FILE_SEE: Power(
        changes=False,
        memberships=_LEADERS,
        roles=_for(
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
    Act.ENTITLEMENT_STOP: _operators(),
    Act.ROWS_SEE: Power(
        reach=Reach.ENGAGED,
        changes=False,
        scope=SCOPE_DELIVERY,
        roles=_for(Role.DATA_OWNER, Role.DATA_OPERATOR, Role.SECURITY_OFFICER, Role.BUYER_AGENT),
        standings=_TAKING_PART,
        barred=_for(Role.ALGORITHM_PARTNER, Role.BANK_OFFICER),
    ),
    Act.PLEDGE_DECIDE: Power(
        reach=Reach.ENGAGED,
        roles=_for(Role.BANK_OFFICER),
        kinds=frozenset({Kind.BANK, Kind.TRUSTEE}),
        standings=_ACTIVE,
        bars=frozenset({Bar.OWN_ORGANISATION}),
    ),
}
