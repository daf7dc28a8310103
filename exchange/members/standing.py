"""The standing of the parties of a deal, asked at each act that binds: the one rule for both sides.

New business needs two members in active standing. What runs already goes on while both take part, so
also under a restriction. What is owed (data that was bought, money that was earned) stays so when a
party leaves. A suspension stops all three, and lifting it lets go on what time has not ended.

What makes something new *holds* the standings: a shared lock on both admissions makes a suspension wait
for acts under way and acts wait for a suspension. A change of standing locks the admission and then what
its reactions touch (listings, auctions, sales of state assets, orders that are paid); so the standings are
held before any of these is locked. What no reaction locks (a draft, an order that nobody has confirmed, a
negotiation, a withdrawal) may be locked before. What moves a thing that exists is asked under the lock of
that thing, which each reaction takes as well.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from enum import Enum

from django.db import connection, models
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from exchange.core.refusals import NotAllowed
from exchange.members.lifecycle import AdmissionTransition, Standing
from exchange.members.models import Admission, AdmissionStep

OF = """
    SELECT admission.organisation_id, admission.standing, organisation.name
    FROM members_admission AS admission
    JOIN accounts_organisation AS organisation ON organisation.id = admission.organisation_id
    WHERE admission.organisation_id = ANY (%(organisations)s) AND admission.standing <> 'exited'
    ORDER BY admission.organisation_id
"""
# The topic under which a change of any standing is announced: open streams end and are asked anew.
STANDINGS = "standings"
HELD = OF + " FOR SHARE OF admission"


class Business(Enum):
    """What kind of act the standing is asked for: the standings in which it may be done."""

    NEW = frozenset({Standing.ACTIVE})
    RUNNING = frozenset({Standing.ACTIVE, Standing.RESTRICTED})
    # What is owed already is done for who has left, too, and rests with a suspension alone.
    OWED = frozenset({None, *Standing}) - {Standing.SUSPENDED}


class PartyNotInStanding(NotAllowed):
    """A party of the deal is not admitted, or is restricted or suspended; the exchange decides when
    that ends. `standing` says how it stands, `standings` what would be accepted."""

    code = "party_not_in_standing"


def hold(*organisation_ids: int, business: Business = Business.NEW) -> None:
    """Raise PartyNotInStanding unless all may do it, and let no standing change until this
    transaction ends. Call it before anything is locked that a reaction to a change of standing locks."""
    _check(organisation_ids, business, HELD)


def check(*organisation_ids: int, business: Business = Business.NEW) -> None:
    """The same without a lock: for what is locked itself, and for pages."""
    _check(organisation_ids, business, OF)


def obstacle(*organisation_ids: int, business: Business = Business.NEW) -> str:
    """What `check` refuses with, as a sentence for pages and programs; empty where it passes."""
    try:
        check(*organisation_ids, business=business)
    except PartyNotInStanding as refusal:
        return str(refusal.message)
    return ""


def check_not_suspended(organisation_id: int) -> None:
    """Raise PartyNotInStanding where the organisation is suspended: its keys and streams open nothing.
    Its people still read what is its own."""
    check(organisation_id, business=Business.OWED)


def are(
    organisation_ids: Iterable[int], business: Business, *, lock: bool = False
) -> frozenset[int]:
    """Those of the organisations that may do it now; with `lock` none changes its standing until this
    transaction ends."""
    asked = frozenset(organisation_ids)
    found = _found(asked, HELD if lock else OF)
    return frozenset(key for key in asked if found.get(key, (None, ""))[0] in business.value)


def held_of(model: type[models.Model], party: str) -> Callable[[models.Model | str], None]:
    """For `use_case(before=)`: let no standing of the subject's `party` change until this transaction ends.
    A change of standing holds the admission and then locks the subject; whether it may go on is asked
    once that is locked."""

    def hold_party(subject: models.Model | str) -> None:
        if isinstance(subject, str):
            rows = model._default_manager.filter(public_id=subject)
            parties = list(rows.values_list(party, flat=True))
        else:
            parties = [getattr(subject, party)]
        are(parties, Business.RUNNING, lock=True)

    return hold_party


def suspended() -> QuerySet[Admission]:
    """The admissions that are suspended now, for what leaves their organisations out in SQL."""
    return Admission.objects.filter(standing=Standing.SUSPENDED)


def suspended_since(organisation_ids: Iterable[int]) -> dict[int, datetime]:
    """Of those that are suspended now: since when."""
    steps = AdmissionStep.objects.filter(
        admission__organisation_id__in=list(organisation_ids),
        admission__standing=Standing.SUSPENDED,
        transition=AdmissionTransition.SUSPEND,
    )
    newest = steps.order_by("admission_id", "-number").distinct("admission_id")
    return dict(newest.values_list("admission__organisation_id", "at"))


def _found(organisation_ids: Iterable[int], statement: str) -> dict[int, tuple[Standing, str]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"organisations": list(organisation_ids)})
        return {key: (Standing(standing), name) for key, standing, name in cursor.fetchall()}


def _check(organisation_ids: Iterable[int], business: Business, statement: str) -> None:
    asked = dict.fromkeys(organisation_ids)
    found = _found(asked, statement)
    for organisation_id in asked:
        standing, name = found.get(organisation_id, (None, ""))
        if standing in business.value:
            continue
        raise PartyNotInStanding(
            _sentence(standing) % {"name": name},
            reason="party_not_in_standing",
            standing="" if standing is None else standing.value,
            standings=sorted(one.value for one in business.value if one is not None),
        )


def _sentence(standing: Standing | None) -> str:
    if standing is Standing.SUSPENDED:
        return _(
            "“%(name)s” is suspended at the exchange: nothing is agreed, delivered or paid out until "
            "the exchange lifts that."
        )
    if standing is Standing.RESTRICTED:
        return _(
            "“%(name)s” does no new business at the moment, until the exchange lifts its restriction."
        )
    return _("A party of this deal is no admitted member of the exchange.")
