"""The one way an admission moves: lock it, ask the table, write the step, follow it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from exchange.core.lifecycle import ReasonMissing
from exchange.core.moves import IllegalMove
from exchange.core.refusals import NotFound
from exchange.members.models import Admission, AdmissionStep
from exchange.members.models.admissions import REASON_CHARS_MAX
from exchange.members.states import MOVES, Move, Standing


def locked_admission(admission_id: int) -> Admission:
    """The admission, which nobody else may move until this transaction ends."""
    try:
        return (
            Admission.objects.select_for_update(of=("self",), no_key=True)
            .select_related("organisation")
            .get(pk=admission_id)
        )
    except Admission.DoesNotExist:
        raise NotFound(_("There is no such admission.")) from None


def check_reason(reason: str) -> str:
    """The reason without surrounding space; refused when empty or too long."""
    reason = reason.strip()
    if not reason:
        raise ReasonMissing(_("Please give a reason."))
    if len(reason) > REASON_CHARS_MAX:
        raise ReasonMissing(
            _("The reason may have at most %(limit)d characters.") % {"limit": REASON_CHARS_MAX},
            limit=REASON_CHARS_MAX,
        )
    return reason


def check_source(admission: Admission, move: Move) -> None:
    """Raise IllegalMove unless the move starts from where the admission stands."""
    standing = Standing(admission.standing)
    if standing in MOVES[move].sources:
        return
    raise IllegalMove(
        _("This step is not possible from the state “%(state)s”.") % {"state": standing.label},
        current=standing.value,
        target=move.value,
        legal=sorted(other.value for other, rule in MOVES.items() if standing in rule.sources),
    )


def take_step(
    *,
    admission: Admission,
    move: Move,
    by_id: int,
    now: datetime,
    reason: str = "",
    approved_by_id: int | None = None,
    facts: Mapping[str, object] | None = None,
) -> AdmissionStep:
    """Make the move on a locked (or new and unsaved) admission and write its step."""
    rule = MOVES[move]
    born = admission.pk is None
    before = "" if born else admission.standing
    if not born:
        check_source(admission, move)
    admission.standing = rule.target or admission.standing
    if rule.turn is not None:
        admission.turn = rule.turn
        admission.due_at = None if rule.days is None else now + timedelta(days=rule.days)
    admission.steps_count = 1 if born else admission.steps_count + 1
    admission.save()
    return AdmissionStep.objects.create(
        admission=admission,
        number=admission.steps_count,
        move=move,
        from_standing=before,
        to_standing=admission.standing,
        by_id=by_id,
        approved_by_id=approved_by_id,
        reason=reason,
        facts=dict(facts or {}),
        at=now,
    )
