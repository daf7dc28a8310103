"""The beginning: the exchange's own operator, whom nobody could have admitted."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation
from exchange.core.refusals import Invalid, Refusal
from exchange.members.actions.admissions import RULES_VERSION
from exchange.members.actions.roles import OPERATORS_MIN
from exchange.members.actions.steps import take_step
from exchange.members.models import Admission, AdmissionStep, Qualification, RoleGrant
from exchange.members.roles import Kind, Role
from exchange.members.states import Move


class ExchangeFounded(Refusal):
    """The exchange has an operator already; further operators are appointed by operators."""

    code = "exchange_founded"


class FoundersTooFew(Invalid):
    """Founding takes two people who are members of the organisation."""

    code = "founders_too_few"


def found_exchange(
    *, organisation_id: int, operator_ids: Sequence[int], reason: str, now: datetime
) -> AdmissionStep:
    """Admit the operator's organisation and make its first operators. Done once.

    The first two operators stand as proposer and approver of the founding step.
    """
    with transaction.atomic():
        # The lowest organisation is the row that all attempts queue on, whichever they name.
        Organisation.objects.select_for_update(no_key=True).order_by("pk").first()
        if Qualification.objects.filter(kind=Kind.EXCHANGE_OPERATOR).exists():
            raise ExchangeFounded(_("The exchange has been founded already."))
        people = list(dict.fromkeys(operator_ids))
        members = Membership.objects.filter(
            organisation_id=organisation_id, user_id__in=people, user__is_active=True
        ).count()
        if len(people) < OPERATORS_MIN or members != len(people):
            raise FoundersTooFew(
                _("Name at least %(count)d different members of the organisation.")
                % {"count": OPERATORS_MIN},
                minimum=OPERATORS_MIN,
            )
        step = take_step(
            admission=Admission(
                organisation_id=organisation_id,
                wanted=[Kind.EXCHANGE_OPERATOR.value],
                legal_person="",
                contact_id=people[0],
                rules_version=RULES_VERSION,
                applied_at=now,
            ),
            move=Move.FOUND,
            by_id=people[0],
            approved_by_id=people[1],
            now=now,
            reason=reason,
        )
        Qualification.objects.create(
            admission=step.admission, kind=Kind.EXCHANGE_OPERATOR, valid_from=now
        )
        RoleGrant.objects.bulk_create(
            RoleGrant(
                organisation_id=organisation_id,
                user_id=person,
                role=Role.OPERATOR,
                reason=reason,
                granted_by_id=people[(place + 1) % len(people)],
                valid_from=now,
            )
            for place, person in enumerate(people)
        )
        return step
