"""What does not add up: opened once, owned by somebody, ended with an explanation."""

from datetime import datetime

from django.utils.translation import gettext as _

from exchange.core.refusals import NotFound
from exchange.payments.errors import DifferenceClosed, ExplanationMissing
from exchange.payments.models import Difference
from exchange.payments.models.bank import EXPLANATION_CHARS_MAX
from exchange.payments.states import DifferenceKind
from pricing.money import Money


def open_difference(
    *, kind: DifferenceKind, subject: str, amount: Money, detail: str, now: datetime
) -> bool:
    """Open the difference, unless it is open; say whether it is new."""
    _difference, is_new = Difference.objects.get_or_create(
        kind=kind,
        subject=subject,
        closed_at=None,
        defaults={
            "detail": detail[:300],
            "currency": amount.currency,
            "amount_minor": amount.minor,
            "opened_at": now,
        },
    )
    return is_new


def locked(difference_id: str) -> Difference:
    """The difference, locked. Raises NotFound and DifferenceClosed."""
    found = Difference.objects.select_for_update(no_key=True).filter(public_id=difference_id)
    difference = found.first()
    if difference is None:
        raise NotFound(_("There is no such difference."))
    if difference.closed_at is not None:
        raise DifferenceClosed(
            _("This difference is explained already."), closed_by=difference.closed_by
        )
    return difference


def take(*, difference: Difference, actor: str) -> None:
    """Become the one who looks into it."""
    difference.owner = actor
    difference.save(update_fields=["owner"])


def close(*, difference: Difference, explanation: str, actor: str, now: datetime) -> None:
    """End it with an explanation. Raises ExplanationMissing."""
    explanation = explanation.strip()
    if not 0 < len(explanation) <= EXPLANATION_CHARS_MAX:
        raise ExplanationMissing(
            _("Explain the difference in at most %(limit)d characters.")
            % {"limit": EXPLANATION_CHARS_MAX},
            limit=EXPLANATION_CHARS_MAX,
        )
    difference.explanation, difference.closed_by, difference.closed_at = explanation, actor, now
    difference.owner = difference.owner or actor
    difference.save(update_fields=["explanation", "closed_by", "closed_at", "owner"])


def close_about(
    *, kind: DifferenceKind, subject: str, explanation: str, actor: str, now: datetime
) -> None:
    """End the open difference about a thing, if there is one, since the thing is dealt with."""
    for difference in Difference.objects.select_for_update(no_key=True).filter(
        kind=kind, subject=subject, closed_at__isnull=True
    ):
        close(difference=difference, explanation=explanation, actor=actor, now=now)
