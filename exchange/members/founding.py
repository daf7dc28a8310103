"""The beginning: the exchange's own operator, whom nobody could have admitted, and the zone of its days."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation, User
from exchange.audit import log
from exchange.core import zone as books
from exchange.core.lifecycle import checked_reason
from exchange.core.models import BooksZone
from exchange.core.refusals import Invalid, Refusal
from exchange.core.use_case import use_case
from exchange.members.actors import system_actor
from exchange.members.admission import RULES_VERSION
from exchange.members.lifecycle import ADMISSION, AdmissionTransition
from exchange.members.models import Admission, Qualification, RoleGrant
from exchange.members.roles import Kind, Role
from exchange.members.team import OPERATORS_MIN, check_belongs_here, record_grant


class ExchangeFounded(Refusal):
    """The exchange has an operator already; further operators are appointed by operators."""

    code = "exchange_founded"


class FoundersTooFew(Invalid):
    """Founding takes two people who are members of the organisation."""

    code = "founders_too_few"


class NoSuchZone(Invalid):
    """What was named is no zone of the IANA database."""

    code = "no_such_time_zone"


@use_case()
def found_exchange(
    *, organisation: Organisation, operators: Sequence[User], reason: str, now: datetime
) -> Admission:
    """Admit the operator's organisation and make its first operators. Done once, from the command
    line only. The first two operators stand as proposer and approver of the founding step."""
    # The lowest organisation is the row that all attempts queue on, whichever they name.
    Organisation.objects.select_for_update(no_key=True).order_by("pk").first()
    if Qualification.objects.filter(kind=Kind.EXCHANGE_OPERATOR).exists():
        raise ExchangeFounded(_("The exchange has been founded already."))
    people = list(dict.fromkeys(operators))
    members = Membership.objects.filter(
        organisation=organisation, user__in=people, user__is_active=True
    ).count()
    if len(people) < OPERATORS_MIN or members != len(people):
        raise FoundersTooFew(
            _("Name at least %(count)d different members of the organisation.")
            % {"count": OPERATORS_MIN},
            minimum=OPERATORS_MIN,
        )
    for person in people:
        check_belongs_here(organisation.pk, person, Role.OPERATOR)
    actor = system_actor("founding")
    for place, person in enumerate(people):
        grant = RoleGrant.objects.create(
            organisation=organisation,
            user=person,
            role=Role.OPERATOR,
            reason=reason,
            granted_by=people[(place + 1) % len(people)],
            valid_from=now,
        )
        record_grant(grant, "members.role.granted", actor=actor, reason=reason, now=now)
    admission = Admission(
        organisation=organisation,
        wanted=[Kind.EXCHANGE_OPERATOR.value],
        legal_person="",
        contact=people[0],
        rules_version=RULES_VERSION,
        applied_at=now,
    )
    ADMISSION.transition(
        admission, AdmissionTransition.FOUND, actor=actor, by_id=people[0].pk,
        approved_by_id=people[1].pk, reason=reason, now=now,
    )  # fmt: skip
    Qualification.objects.create(admission=admission, kind=Kind.EXCHANGE_OPERATOR, valid_from=now)
    BooksZone.objects.create(zone=settings.TIME_ZONE, written_by=actor.name, reason=reason)
    return admission


@use_case()
def move_time_zone(zone: str, *, by: str, reason: str, now: datetime) -> BooksZone:
    """Have the books go on in another zone. From the command line only; nothing that was promised moves."""
    try:
        ZoneInfo(zone)
    except (OSError, ValueError, ZoneInfoNotFoundError) as unknown:
        raise NoSuchZone(_("There is no such time zone.")) from unknown
    reason, former = checked_reason(reason), books.kept()
    moved = BooksZone.objects.create(zone=zone, written_by=by, reason=reason)
    log.record(
        event="members.zone.moved",
        actor=by,
        subject=f"zone:{zone}",
        facts={"former": former, "reason": reason},
        at=now,
    )
    return moved
