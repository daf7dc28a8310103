"""Seeds the invented exchange through the use cases that everybody uses. Seeding again changes nothing."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from io import BytesIO

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts import invitations, organisations
from accounts.authority import actor_of
from accounts.models import Invitation, Organisation, User
from accounts.organisations import Profile
from accounts.sealing import invitation_token
from exchange.demo import (
    auctions,
    demo_listings,
    metered,
    negotiations,
    questions,
    state_assets,
    trades,
)
from exchange.demo.acting import acting_for as _acting
from exchange.demo.acting import credit_code
from exchange.demo.acting import organisation_of as _organisation_of
from exchange.demo.acting import user_of as _user
from exchange.demo.personas import HOUSES, MEMBERS, OPERATOR, House, Person
from exchange.members import admission, approvals, documents, proposals, team
from exchange.members.actors import Actor
from exchange.members.admission import RULES_VERSION
from exchange.members.founding import found_exchange
from exchange.members.lifecycle import AdmissionTransition, Check, DocumentKind
from exchange.members.models import Admission
from exchange.members.roles import OVERSEERS

DAYS_LIVED = 36  # so that a month is over, whatever the day
OPERATORS = OPERATOR.people[:2]
REASON = "Synthetic story of the demo."
DOCUMENT = b"%PDF-1.4\n% A synthetic document of the demo exchange: it proves nothing.\n%%EOF\n"
EVIDENCE = (DocumentKind.LICENCE, DocumentKind.LEGAL_PERSON, DocumentKind.MANDATE)


def seed(now: datetime, *, tell: Callable[[str], None] = lambda _line: None) -> bool:
    """Make what is missing of the demo's exchange; say whether its members were made now.

    Members, wares and trades each know whether they are there: a start that was cut off goes on.
    The members took part for some weeks when the visitor comes.
    """
    begun = now - timedelta(days=DAYS_LIVED)
    made = not Organisation.objects.exists()
    if made:
        with transaction.atomic():
            _admit_everybody(begun)
    demo_listings.stock(begun + timedelta(days=1), recently=now - timedelta(days=1), tell=tell)
    trades.trade(now)
    metered.meter(now)
    auctions.hold()
    state_assets.sell(now)
    negotiations.negotiate(now)
    questions.ask(now)
    return made


def _admit_everybody(now: datetime) -> None:
    for house in HOUSES:
        _found_house(house, now)
    operator = _organisation_of(OPERATOR)
    found_exchange(
        organisation=operator,
        operators=[_user(person) for person in OPERATORS],
        reason=REASON,
        now=now,
    )
    _appoint_staff(now)
    for house in MEMBERS:
        _admit(house, now)


def _appoint_staff(now: datetime) -> None:
    """Those who work for the exchange besides its operators, each asked for by one and approved by
    the other."""
    first, second = (_acting(OPERATOR, person, now) for person in OPERATORS)
    for person in OPERATOR.people[len(OPERATORS) :]:
        for role in person.roles:
            asked = team.ask_for_staff(
                actor=first,
                user_id=_user(person).public_id,
                role=role,
                reason=REASON,
                now=now,
            )
            approvals.approve(asked.public_id, actor=second, now=now)


def _found_house(house: House, now: datetime) -> None:
    founder = _make_user(house.people[0])
    organisation = organisations.create_organisation(
        profile=Profile(
            name=house.name,
            kind=house.kind,
            country="CN",
            credit_code=credit_code(house),
            sme=house.sme,
        ),
        owner=founder,
        now=now,
    )
    for person in house.people[1:]:
        _invite(organisation, founder, person, now)


def _make_user(person: Person) -> User:
    user = User.objects.create_user(person.email, name=person.name, is_staff=_oversees(person))
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def _oversees(person: Person) -> bool:
    return bool(OVERSEERS & set(person.roles))


def _invite(organisation: Organisation, founder: User, person: Person, now: datetime) -> None:
    invitations.invite(
        organisation_id=organisation.pk,
        email=person.email,
        role=person.membership,
        language="en",
        actor=actor_of(founder),
        now=now,
    )
    invitation = Invitation.objects.get(organisation=organisation, email=person.email)
    invitations.accept(
        token=invitation_token(invitation.public_id), user=_make_user(person), now=now
    )


def _admit(house: House, now: datetime) -> None:
    owner = _acting(house, house.people[0], now)
    application = admission.apply(
        actor=owner, kinds=house.kinds, legal_person=house.legal_person, now=now
    )
    _hand_in_documents(_acting(house, house.people[0], now), application, now)
    if house.reached == "applied":
        return
    first, second = (_acting(OPERATOR, person, now) for person in OPERATORS)
    admission.verify(application.public_id, actor=first, checks=list(Check), reason=REASON, now=now)
    proposal = proposals.propose(
        application.public_id,
        actor=first,
        transition=AdmissionTransition.QUALIFY,
        kinds=house.kinds,
        reason=REASON,
        now=now,
    )
    if house.reached == "proposed":
        return
    proposals.approve(proposal.public_id, actor=second, now=now)
    admission.accept_rules(
        application.public_id,
        actor=_acting(house, house.people[0], now),
        rules_version=RULES_VERSION,
        now=now,
    )
    _give_roles(house, house.people, now)


def _hand_in_documents(owner: Actor, application: Admission, now: datetime) -> None:
    for kind in EVIDENCE:
        documents.add_document(
            application.public_id,
            actor=owner,
            kind=kind,
            name=f"synthetic-{kind}.pdf",
            file=BytesIO(DOCUMENT),
            now=now,
        )


def _give_roles(house: House, people: Sequence[Person], now: datetime) -> None:
    for person in people:
        for role in person.roles:
            team.grant_role(
                actor=_acting(house, house.people[0], now),
                user_id=_user(person).public_id,
                role=role,
                reason=REASON,
                now=now,
            )
