"""An exchange and its members for tests, admitted by the use cases that admit them in earnest."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from io import BytesIO

from accounts.models import MembershipRole, Organisation, User
from exchange.members import actors, admission, documents, founding, proposals, team
from exchange.members.actors import Actor
from exchange.members.admission import RULES_VERSION
from exchange.members.lifecycle import AdmissionTransition, Check, DocumentKind
from exchange.members.models import Admission, Proposal, RoleGrant
from exchange.members.roles import STAFF, Kind, Role
from tests.factories import accounts

NOON = accounts.NOON
PDF = b"%PDF-1.7 a business licence"


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def acting(
    user: User,
    organisation: Organisation | None,
    *,
    second_factor: bool = True,
    at: datetime = NOON,
) -> Actor:
    """The person as policy sees them when acting for the organisation."""
    return actors.actor_from(
        user=user,
        organisation_id=None if organisation is None else organisation.pk,
        second_factor=second_factor,
        at=at + minutes(60),
    )


@dataclass(frozen=True)
class Exchange:
    """A founded exchange with its two operators."""

    organisation: Organisation
    first: User
    second: User

    @property
    def proposer(self) -> Actor:
        return acting(self.first, self.organisation)

    @property
    def approver(self) -> Actor:
        return acting(self.second, self.organisation)

    @property
    def cashier(self) -> Actor:
        """One of the exchange's finance, about to do what another one asked for."""
        return self.seconded(Role.EXCHANGE_FINANCE)

    @property
    def rule_keeper(self) -> Actor:
        """A rule keeper, about to do what another one asked for."""
        return self.seconded(Role.RULE_KEEPER)

    def seconded(self, role: Role) -> Actor:
        proposer = self.staff(role, 1)
        approver = self.staff(role, 2)
        return replace(acting(approver, self.organisation), proposer_id=proposer.pk)

    def staff(self, role: Role, number: int) -> User:
        """The first or second holder of a role of the exchange, appointed when first asked for."""
        email = f"{role.value}{number}@exchange.example"
        known = User.objects.filter(email=email).first()
        if known is not None:
            return known
        person = accounts.a_member(self.organisation, user=accounts.a_user(email))
        RoleGrant.objects.create(
            organisation=self.organisation,
            user=person,
            role=role,
            reason="Its work.",
            granted_by=self.first,
            valid_from=NOON,
        )
        return person

    def acting_as(self, role: Role, number: int = 1) -> Actor:
        return acting(self.staff(role, number), self.organisation)

    def verify(self, applied: Admission) -> Admission:
        return admission.verify(
            applied.public_id,
            actor=self.proposer,
            checks=list(Check),
            now=NOON + minutes(3),
        )

    def qualify(self, verified: Admission, kinds: Iterable[Kind]) -> Admission:
        proposal = proposals.propose(
            verified.public_id,
            transition=AdmissionTransition.QUALIFY,
            actor=self.proposer,
            kinds=kinds,
            reason="The documents are in order.",
            now=NOON + minutes(4),
        )
        return self.approve(proposal, now=NOON + minutes(5))

    def approve(self, proposal: Proposal, *, now: datetime) -> Admission:
        return proposals.approve(proposal.public_id, actor=self.approver, now=now)

    def admit(self, organisation: Organisation, *kinds: Kind) -> Admission:
        """Lead the organisation from application to active standing."""
        owner = accounts.owner_of(organisation)
        self.qualify(self.verify(an_application(organisation, *kinds)), kinds)
        return admission.accept_rules(
            newest(organisation).public_id,
            actor=acting(owner, organisation),
            rules_version=RULES_VERSION,
            now=NOON + minutes(6),
        )

    def suspend(self, active: Admission) -> Admission:
        proposal = proposals.propose(
            active.public_id,
            transition=AdmissionTransition.SUSPEND,
            actor=self.proposer,
            reason="A grave breach.",
            now=NOON + minutes(7),
        )
        return self.approve(proposal, now=NOON + minutes(8))

    def expel(self, admitted: Admission, *, at: datetime | None = None) -> Admission:
        when = at or NOON + minutes(9)
        proposal = proposals.propose(
            admitted.public_id,
            transition=AdmissionTransition.EXIT,
            actor=self.proposer,
            reason="It left the market.",
            now=when,
        )
        return self.approve(proposal, now=when + minutes(1))


def an_exchange() -> Exchange:
    """A founded exchange. One for each test: an exchange is founded once."""
    first = accounts.a_user(name="First operator")
    organisation = accounts.an_organisation(owner=first, name="The exchange")
    second = accounts.a_member(organisation, user=accounts.a_user(name="Second operator"))
    founding.found_exchange(
        organisation=organisation, operators=[first, second], reason="Founding.", now=NOON
    )
    return Exchange(organisation=organisation, first=first, second=second)


def an_application(organisation: Organisation, *kinds: Kind, at: datetime = NOON) -> Admission:
    """An application with all the documents that verification rests on."""
    owner = accounts.owner_of(organisation)
    applied = admission.apply(
        actor=acting(owner, organisation),
        kinds=kinds or (Kind.SELLER,),
        legal_person="Wang Fang",
        now=at + minutes(1),
    )
    for kind in (DocumentKind.LICENCE, DocumentKind.LEGAL_PERSON, DocumentKind.MANDATE):
        documents.add_document(
            applied.public_id,
            actor=acting(owner, organisation),
            kind=kind,
            name=f"{kind.value}.pdf",
            file=BytesIO(PDF),
            now=at + minutes(2),
        )
    return applied


def newest(organisation: Organisation) -> Admission:
    return Admission.objects.filter(organisation=organisation).order_by("-id")[0]


def a_role(organisation: Organisation, user: User, role: Role, *, at: datetime = NOON) -> RoleGrant:
    """A role given by the organisation's first owner, of the exchange as a second one asked."""
    giver = acting(accounts.owner_of(organisation), organisation)
    others = organisation.memberships.exclude(user__in=[giver.user_id, user.pk])
    proposer = others.order_by("pk").first() if role in STAFF else None
    return team.grant_role(
        actor=giver if proposer is None else replace(giver, proposer_id=proposer.user_id),
        user_id=user.public_id,
        role=role,
        reason="It is their work.",
        now=at + minutes(10),
    )


def another_agent(organisation: Organisation) -> Actor:
    person = accounts.a_member(organisation)
    a_role(organisation, person, Role.BUYER_AGENT)
    return acting(person, organisation)


def an_admin(organisation: Organisation) -> Actor:
    """One more administrator of the organisation."""
    person = accounts.a_member(organisation, role=MembershipRole.ADMIN)
    return acting(person, organisation)
