"""The attacker's steps of members, their people and what they use."""

from datetime import timedelta

from accounts import organisations
from accounts.models import Membership, MembershipRole, Organisation, User
from accounts.organisations import Profile
from exchange.members import (
    admission,
    approvals,
    deactivation,
    identity,
    proposals,
    relations,
    team,
)
from exchange.members.actors import Subject
from exchange.members.lifecycle import ADMISSION, PROPOSABLE, AdmissionTransition, Standing, Use
from exchange.members.models import (
    Admission,
    Deactivation,
    RelatedParty,
    RelationKind,
    RoleGrant,
)
from exchange.members.permissions import Permission
from exchange.members.proposals import NAMES_KINDS
from exchange.members.roles import Kind as Qualification
from exchange.members.roles import Role
from exchange.metering import caps, intake, subscriptions
from exchange.metering.models import MeteredSubscription
from exchange.notices import banners
from exchange.notices.banner_lifecycle import Level
from tests.attack.acting import HOUSES, operating, own
from tests.attack.arguments import WORDS, fresh, member_of
from tests.attack.engine import LIKELY, Attack, NothingThere
from tests.factories import accounts

P = Permission


@own("members.admission.apply")
def apply(attack: Attack) -> None:
    user, organisation = attack.random.choice(attack.people)
    if attack.random.random() < 0.7:
        organisation = accounts.an_organisation(name=fresh(attack, "House"))
        user = accounts.owner_of(organisation)
        attack.refresh()
    admission.apply(
        actor=attack.acting(user, organisation),
        kinds=[attack.random.choice((Qualification.BUYER, Qualification.SELLER))],
        legal_person="Wang Fang",
        now=attack.now,
    )


@own("members.proposals.propose")
def propose(attack: Attack) -> None:
    """Who is suspended or restricted comes back more often than not, and whose trade the town lives on
    does not leave."""
    rows = Admission.objects.exclude(standing=Standing.EXITED)
    resting = rows.filter(standing__in=(Standing.RESTRICTED, Standing.SUSPENDED))
    if resting.exists() and attack.random.random() < LIKELY:
        admission, fitting = attack.pick(resting), [AdmissionTransition.RESTORE]
    else:
        admission = attack.pick(rows)
        needed = admission.organisation_id in {attack.town.house(name).pk for name in HOUSES}
        fitting = sorted(
            name
            for name in PROPOSABLE - ({AdmissionTransition.EXIT} if needed else set())
            if ADMISSION.may(admission, name)
        )
    if not fitting:
        raise NothingThere("proposable")
    name = attack.random.choice(fitting)
    proposals.propose(
        admission.public_id,
        actor=operating(attack, P.ADMISSION_PROPOSE),
        transition=name,
        reason=WORDS,
        kinds=(Qualification.BUYER, Qualification.SELLER) if name in NAMES_KINDS else (),
        now=attack.now,
    )


@own("members.team.grant_role")
def grant_role(attack: Attack) -> None:
    organisation = attack.town.house(attack.random.choice(HOUSES))
    role = attack.random.choice([role for role in Role if role is not Role.OPERATOR])
    team.grant_role(
        actor=attack.somebody(P.ROLE_GRANT, Subject(organisation_id=organisation.pk)),
        user_id=member_of(attack, organisation.pk),
        role=role,
        reason=WORDS,
        now=attack.now,
    )


@own("members.team.revoke_role")
def revoke_role(attack: Attack) -> None:
    grant = attack.pick(RoleGrant.objects.filter(valid_until=None).exclude(role=Role.OPERATOR))
    actor = attack.somebody(P.ROLE_REVOKE, Subject(organisation_id=grant.organisation_id))
    team.revoke_role(actor=actor, grant_id=grant.public_id, reason=WORDS, now=attack.now)


@own("members.identity.ask")
def ask_for_another_name(attack: Attack) -> None:
    user, organisation = attack.random.choice(attack.people)
    profile = Profile(
        name=fresh(attack, "House"), kind="private", credit_code=organisation.credit_code or ""
    )
    identity.ask(
        profile=profile, reason=WORDS, actor=attack.acting(user, organisation), now=attack.now
    )


@own("accounts.change_profile")
def rename(attack: Attack) -> None:
    """A house writes another name into its profile, without asking."""
    user, organisation = attack.random.choice(attack.people)
    profile = Profile(
        name=fresh(attack, "House"),
        kind=organisation.kind,
        credit_code=organisation.credit_code or "",
    )
    organisations.change_profile(
        organisation_id=organisation.pk, profile=profile, actor=f"user:{user.public_id}",
        now=attack.now,
    )  # fmt: skip


@own("members.relations.declare")
def declare_relation(attack: Attack) -> None:
    one, other = (attack.random.choice(attack.people)[1].public_id for _ in range(2))
    relations.declare(
        actor=operating(attack, P.CONSOLE_CHANGE),
        organisation_id=one,
        other_id=other,
        kind=RelationKind.OTHER,
        reason=WORDS,
        now=attack.now,
    )


@own("members.relations.end")
def end_relation(attack: Attack) -> None:
    relation = attack.pick(RelatedParty.objects.filter(ended_at=None))
    relations.end(relation.public_id, actor=operating(attack, P.CONSOLE_CHANGE), now=attack.now)


@own("members.deactivation.deactivate")
def deactivate(attack: Attack) -> None:
    """Somebody new of a house, most of the time, since the town lives on the others; or whoever does it."""
    actor = operating(attack, P.PERSON_DEACTIVATE)
    if attack.random.random() < LIKELY:
        person = accounts.a_member(attack.town.house(attack.random.choice(HOUSES)))
        attack.refresh()
    else:
        person = User.objects.get(pk=actor.user_id)
    deactivation.deactivate(person.public_id, actor=actor, reason=WORDS, now=attack.now)


@own("members.deactivation.restore")
def restore(attack: Attack) -> None:
    """Two operators, or one alone."""
    out = attack.pick(Deactivation.objects.filter(state=Use.OUT)).user.public_id
    staff = attack.town.exchange
    if attack.random.random() >= LIKELY:
        deactivation.restore(out, actor=staff.approver, reason=WORDS, now=attack.now)
    request = deactivation.ask_to_restore(out, actor=staff.proposer, reason=WORDS, now=attack.now)
    approvals.approve(request.public_id, actor=staff.approver, now=attack.now)


@own("accounts.join")
def join(attack: Attack) -> None:
    """Anybody becomes a member of any house that is not the exchange: as by an invitation."""
    user, _mine = attack.random.choice(attack.people)
    houses = Organisation.objects.exclude(pk=attack.town.exchange.organisation.pk)
    house = attack.pick(houses)
    if attack.random.random() < 0.7:
        house = attack.town.house(attack.random.choice(HOUSES))
    if Membership.objects.filter(user=user, organisation=house).exists():
        raise NothingThere("another house")
    role = attack.random.choice(list(MembershipRole))
    Membership.objects.create(user=user, organisation=house, role=role, joined_at=attack.now)
    attack.refresh()


@own("metering.intake.report")
def report(attack: Attack) -> None:
    held = attack.pick(MeteredSubscription.objects.all())
    line = {
        "subscription": held.public_id, "source": "gateway", "event_id": fresh(attack, "e"),
        "meter": "rows", "quantity": attack.random.randint(1, 50), "at": attack.now.isoformat(),
    }  # fmt: skip
    actor = attack.somebody(P.USAGE_REPORT, Subject(organisation_id=held.seller_id))
    intake.report([line], actor=actor, now=attack.now)


@own("metering.caps.set_cap")
def set_cap(attack: Attack) -> None:
    held = attack.pick(MeteredSubscription.objects.all())
    caps.set_cap(
        held.public_id,
        actor=attack.somebody(P.USAGE_CAP_SET, Subject(organisation_id=held.buyer_id)),
        cap_minor=attack.random.choice((10_000, 100_000)),
        soft_minor=5_000,
        now=attack.now,
    )


@own("metering.subscriptions.end")
def end_use(attack: Attack) -> None:
    held = attack.pick(MeteredSubscription.objects.all())
    actor = attack.somebody(P.USAGE_CAP_SET, Subject(organisation_id=held.buyer_id))
    subscriptions.end(held.public_id, actor=actor, now=attack.now)


@own("notices.banners.show")
def announce(attack: Attack) -> None:
    begins = attack.now + timedelta(hours=attack.random.randint(-1, 2))
    banners.show(
        text=WORDS, text_zh=WORDS, level=attack.random.choice(list(Level)), valid_from=begins,
        valid_until=begins + timedelta(hours=attack.random.randint(0, 3)),
        actor=operating(attack, P.BANNER_SHOW), now=attack.now,
    )  # fmt: skip
