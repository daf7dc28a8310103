"""Who did something, by name and organisation, where the rows keep `user:usr_…` or `system:clock`.

A person is named with the organisation that they joined first and still belong to. What one request
has asked for is kept for that request; a list asks once for all of its rows.
"""

from collections.abc import Iterable, Mapping
from contextvars import ContextVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import ApiKey, Membership, User

PERSON, KEY, SYSTEM = "user:", "key:", "system:"
# The exchange's own parts that act without a person.
PARTS: Mapping[str, str | Promise] = {
    "clock": _("The exchange, on time"),
    "delivery": _("The exchange's delivery"),
    "exchange": _("The exchange"),
    "founding": _("Founding of the exchange"),
    "import": _("Import"),
    "payments": _("Payment provider"),
    "reader": _("Reading of files"),
    "settlement": _("The exchange's settlement"),
    "starting-values": pgettext_lazy("who wrote a rule", "Delivered with Assay"),
}
_known: ContextVar[dict[str, str] | None] = ContextVar("names of actors in this request")


def begin() -> None:
    """A new request: names are asked for anew."""
    _known.set({})


def actor_shown(actor: str) -> str:
    """`Wu Fan · Harbour City Gas`; a part of the exchange by its name; anything else as it is."""
    if actor.startswith(SYSTEM):
        return str(PARTS.get(actor.removeprefix(SYSTEM), actor))
    if not actor.startswith((PERSON, KEY)):
        return actor
    names = _names()
    if actor not in names:
        learn([actor])
    return names[actor]


def person_shown(person: User | None) -> str:
    """The same of a person's row."""
    return "" if person is None else actor_shown(f"{PERSON}{person.public_id}")


def learn(actors: Iterable[str]) -> None:
    """Ask for the names of all of them at once: two queries at most."""
    names = _names()
    unknown = {one for one in actors if one.startswith((PERSON, KEY))} - names.keys()
    people = {one.removeprefix(PERSON) for one in unknown if one.startswith(PERSON)}
    keys = {one.removeprefix(KEY) for one in unknown if one.startswith(KEY)}
    names.update(dict(zip(unknown, unknown, strict=True)))  # whom nobody knows any more
    if people:
        names.update(_people(people))
    if keys:
        names.update(_keys(keys))


def _names() -> dict[str, str]:
    names = _known.get(None)
    if names is None:
        names = {}
        _known.set(names)
    return names


def _people(public_ids: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    joined = Membership.objects.filter(user__public_id__in=public_ids)
    for one in joined.select_related("user", "organisation").order_by("joined_at", "pk"):
        found.setdefault(f"{PERSON}{one.user.public_id}", f"{one.user} · {one.organisation}")
    alone = public_ids - {actor.removeprefix(PERSON) for actor in found}
    for person in User.objects.filter(public_id__in=alone) if alone else ():
        found[f"{PERSON}{person.public_id}"] = str(person)
    return found


def _keys(public_ids: set[str]) -> dict[str, str]:
    """Each with who made it, who answers for what it does."""
    rows = ApiKey.objects.filter(public_id__in=public_ids)
    return {
        f"{KEY}{one.public_id}": f"{one.name} ({one.created_by}) · {one.organisation}"
        for one in rows.select_related("organisation", "created_by")
    }
