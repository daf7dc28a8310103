"""A whole small exchange for attacks: every kind of party, and a thing of every kind that is somebody's.

Built once, in the caller's transaction, at the present moment: what its owner may do now succeeds now.
Whatever stands in an address is in `things`, by a name that says whose it is and how far it is.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from accounts.models import Membership, MembershipRole, Organisation, User
from exchange.catalog.models import Product
from exchange.members import admission
from exchange.members.actors import Actor
from exchange.members.roles import Kind, Role
from tests.attack import town_books, town_deals, town_sales, town_wares
from tests.factories import accounts
from tests.factories.members import Exchange, a_role, acting, an_exchange
from tests.factories.payments import fund_wallet

FUNDS_YUAN = 2_000_000
EVERY_ROLE = (Role.DATA_OWNER, Role.DATA_OPERATOR, Role.FINANCE, Role.LEGAL_OFFICER)


@dataclass(frozen=True)
class Person:
    """A person, acting for an organisation or for none."""

    user: User
    organisation: Organisation | None

    def acting(self, at: datetime) -> Actor:
        return acting(self.user, self.organisation, at=at)


@dataclass
class Town:
    """The exchange, who is in it, and what is theirs."""

    exchange: Exchange
    now: datetime
    people: dict[str, Person] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        return self.people[name].acting(self.now)

    def house(self, name: str) -> Organisation:
        organisation = self.people[name].organisation
        if organisation is None:
            raise TypeError(f"{name} acts for nobody.")
        return organisation

    @property
    def operating(self) -> Actor:
        return self.actor("operator")

    @property
    def cashier(self) -> Actor:
        """Whoever enters what the bank says: where that takes two, the second of them."""
        found: Actor = getattr(self.exchange, "cashier", self.operating)
        return found

    @property
    def approving(self) -> Actor:
        return self.actor("second_operator")


def build() -> Town:
    """Everything below, in the transaction of the caller."""
    exchange = an_exchange()
    town = Town(exchange=exchange, now=timezone.now())
    people = town.people
    people["operator"] = Person(exchange.first, exchange.organisation)
    people["second_operator"] = Person(exchange.second, exchange.organisation)
    finance = exchange.staff(Role.EXCHANGE_FINANCE, 1)
    people["finance_of_exchange"] = Person(finance, exchange.organisation)
    staff = [exchange.first.pk, exchange.second.pk, finance.pk]
    get_user_model().objects.filter(pk__in=staff).update(is_staff=True)
    people["seller"] = leader(town, "Pipeline Data", Kind.SELLER, *EVERY_ROLE)
    people["other_seller"] = leader(town, "Grid Data", Kind.SELLER, *EVERY_ROLE)
    people["buyer"] = leader(town, "City Gas", Kind.BUYER, Role.BUYER_AGENT, Role.LEGAL_OFFICER)
    people["other_buyer"] = leader(town, "Town Heat", Kind.BUYER, Role.BUYER_AGENT)
    people["third_buyer"] = leader(town, "Village Water", Kind.BUYER, Role.BUYER_AGENT)
    people["state_seller"] = leader(
        town, "State Grid", Kind.SELLER, *EVERY_ROLE, kind="state_owned"
    )
    people["suspended"] = leader(town, "Shut Data", Kind.SELLER, *EVERY_ROLE)
    people["restricted"] = leader(town, "Slow Heat", Kind.BUYER, Role.BUYER_AGENT)
    people["regulator"] = member(_admitted(town, "Regulator", Kind.REGULATOR), Role.REGULATOR)
    get_user_model().objects.filter(pk=people["regulator"].user.pk).update(is_staff=True)
    people["agent"] = member(town.house("buyer"), Role.BUYER_AGENT)
    people["committee"] = member(town.house("state_seller"), Role.COMMITTEE)
    people["newcomer"] = Person(accounts.a_user(), None)
    outside = accounts.an_organisation(name="Outsider")
    people["outsider"] = Person(accounts.owner_of(outside), outside)
    people["two_hats"] = _two_hats(town)
    for name in ("buyer", "other_buyer", "third_buyer", "restricted"):
        fund_wallet(exchange, town.house(name), FUNDS_YUAN, at=town.now)
    town_wares.stock(town)
    town_deals.trade(town)
    town_sales.sell(town)
    town_books.keep(town)
    exchange.suspend(town.house("suspended").admissions.get())
    _restrict(town, town.house("restricted"))
    return town


def _restrict(town: Town, organisation: Organisation) -> None:
    admission.restrict(
        organisation.admissions.get().public_id,
        actor=town.operating,
        reason="A doubt.",
        now=town.now,
    )


def _admitted(town: Town, name: str, *kinds: Kind, **profile: Any) -> Organisation:
    organisation = accounts.an_organisation(name=name, **profile)
    town.exchange.admit(organisation, *kinds)
    return organisation


def leader(town: Town, name: str, qualification: Kind, *roles: Role, **profile: Any) -> Person:
    organisation = _admitted(town, name, qualification, **profile)
    owner = accounts.owner_of(organisation)
    for role in roles:
        a_role(organisation, owner, role)
    return Person(owner, organisation)


def member(organisation: Organisation, *roles: Role) -> Person:
    user = accounts.a_member(organisation)
    for role in roles:
        a_role(organisation, user, role)
    return Person(user, organisation)


def _two_hats(town: Town) -> Person:
    """An owner of the second seller who also works for the buyer, and acts for the seller now."""
    user = accounts.a_member(town.house("buyer"))
    a_role(town.house("buyer"), user, Role.BUYER_AGENT)
    other = town.house("other_seller")
    Membership.objects.create(
        user=user, organisation=other, role=MembershipRole.ADMIN, joined_at=accounts.NOON
    )
    a_role(other, user, Role.DATA_OWNER)
    return Person(user, other)
