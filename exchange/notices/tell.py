"""Telling people facts: in their inbox at once, by mail as outbox work."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from accounts.models import Membership, User
from exchange.core import outbox
from exchange.core.periods import in_force
from exchange.members.actors import grants_of_members
from exchange.members.roles import Role
from exchange.notices import notify
from exchange.notices.kinds import KINDS
from exchange.notices.models import MailPreference, Notice

TOPIC_MAIL = "notices.notice.told"


@transaction.atomic
def tell(
    *,
    user_ids: Iterable[int],
    kind: str,
    facts: Mapping[str, object],
    url: str,
    dedupe: str,
    now: datetime,
) -> int:
    """Tell each of these people once; return how many had not been told under `dedupe` before.

    `facts` must name what the kind's sentence names: ValueError otherwise, since a notice that
    cannot be read is a mistake of the program. `url` is a path of this site.
    """
    missing = KINDS[kind].places - set(facts)
    if missing:
        raise ValueError(f"{kind} needs the facts {sorted(missing)}.")
    wanted = set(
        User.objects.filter(pk__in=set(user_ids), is_active=True).values_list("pk", flat=True)
    )
    known = set(
        Notice.objects.filter(user_id__in=wanted, dedupe=dedupe).values_list("user_id", flat=True)
    )
    kept = notify.kept(facts)
    new = sorted(wanted - known)
    Notice.objects.bulk_create(
        [
            Notice(user_id=user_id, kind=kind, facts=kept, url=url, dedupe=dedupe, at=now)
            for user_id in new
        ],
        ignore_conflicts=True,  # somebody else may be telling the same this very moment
    )
    for user_id in _by_mail(new, kind):
        outbox.emit(
            topic=TOPIC_MAIL,
            key=f"{user_id}:{dedupe}",
            payload={"user": user_id, "dedupe": dedupe},
        )
    return len(new)


def notify_organisation(
    *,
    organisation_id: int,
    roles: Iterable[Role] | None,
    kind: str,
    facts: Mapping[str, object],
    url: str,
    dedupe: str,
    now: datetime,
) -> int:
    """Tell the people who hold one of `roles` there now, or every member when `roles` is None."""
    people = (
        Membership.objects.filter(organisation_id=organisation_id)
        if roles is None
        else grants_of_members().filter(
            in_force(now), organisation_id=organisation_id, role__in=[str(role) for role in roles]
        )
    )
    return tell(
        user_ids=people.values_list("user_id", flat=True),
        kind=kind,
        facts=facts,
        url=url,
        dedupe=dedupe,
        now=now,
    )


def _by_mail(user_ids: Iterable[int], kind: str) -> list[int]:
    """Those of `user_ids` who want this kind by mail."""
    commands = dict(
        MailPreference.objects.filter(user_id__in=user_ids, kind=kind).values_list(
            "user_id", "by_mail"
        )
    )
    return [user_id for user_id in user_ids if commands.get(user_id, KINDS[kind].by_mail)]
