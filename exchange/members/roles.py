"""What an organisation is at the exchange, and what a person is within it."""

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    """A qualification: what an organisation may be at the exchange. It may hold several."""

    SELLER = "seller", _("Seller")
    BUYER = "buyer", _("Buyer")
    DATA_DEALER = "data_dealer", _("Data dealer")
    REGULATOR = "regulator", _("Regulator")
    EXCHANGE_OPERATOR = "exchange_operator", _("Exchange operator")


class Role(TextChoices):
    """What a person does for an organisation at the exchange. One may hold several."""

    DATA_OWNER = "data_owner", _("Data owner")
    DATA_OPERATOR = "data_operator", _("Data operator")
    SECURITY_OFFICER = "security_officer", _("Data-security officer")
    LEGAL_OFFICER = "legal_officer", _("Legal and rights officer")
    FINANCE = "finance", _("Finance")
    COMMITTEE = "committee", _("Price and data committee")
    BUYER_AGENT = "buyer_agent", _("Buyer's agent")
    REGULATOR = "regulator", _("Regulator")
    OPERATOR = "operator", _("Exchange operator")
    EXCHANGE_FINANCE = "exchange_finance", _("Exchange finance")
    SUPPORT = "support", _("Exchange support")
    RULE_KEEPER = "rule_keeper", _("Rule keeper")


DEALING: frozenset[Kind] = frozenset({Kind.SELLER, Kind.BUYER, Kind.DATA_DEALER})
_PROVIDERS = frozenset({Kind.SELLER, Kind.DATA_DEALER})
_ANY = frozenset(Kind)

# A role can be held, and counts, only where the organisation has one of these qualifications.
ROLE_NEEDS: Mapping[Role, frozenset[Kind]] = {
    Role.DATA_OWNER: _PROVIDERS,
    Role.DATA_OPERATOR: _PROVIDERS,
    Role.SECURITY_OFFICER: _PROVIDERS,
    Role.COMMITTEE: _PROVIDERS,
    Role.LEGAL_OFFICER: _ANY - {Kind.REGULATOR},
    Role.FINANCE: _ANY - {Kind.REGULATOR},
    Role.BUYER_AGENT: frozenset({Kind.BUYER, Kind.DATA_DEALER}),
    Role.REGULATOR: frozenset({Kind.REGULATOR}),
    Role.OPERATOR: frozenset({Kind.EXCHANGE_OPERATOR}),
    Role.EXCHANGE_FINANCE: frozenset({Kind.EXCHANGE_OPERATOR}),
    Role.SUPPORT: frozenset({Kind.EXCHANGE_OPERATOR}),
    Role.RULE_KEEPER: frozenset({Kind.EXCHANGE_OPERATOR}),
}

# Those who work for the exchange itself. They belong to no other organisation while they do.
STAFF: frozenset[Role] = frozenset(
    {Role.OPERATOR, Role.EXCHANGE_FINANCE, Role.SUPPORT, Role.RULE_KEEPER}
)
# Those who see the whole exchange, not one organisation's part of it.
OVERSEERS: frozenset[Role] = STAFF | {Role.REGULATOR}
# Those who must sign in with a second factor.
SECOND_FACTOR_ROLES: frozenset[Role] = STAFF | {Role.FINANCE}
