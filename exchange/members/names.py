"""Which names a reader could take for one another, that no two members have such names, and who is meant by one.

Names are compared by their skeletons: what is left without case, width, accents, blanks and punctuation,
with letters of other scripts read as the Latin ones that they look like.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.core.refusals import Refusal
from exchange.members.lifecycle import PRESENT, Standing
from exchange.members.models import Admission

# Greek capitals look like other Latin letters than the small ones do, so they are read before case folds.
_CAPITALS = dict(zip(map(ord, "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"), "abezhikmnoptyx", strict=True))
# Cyrillic, Greek and digits as the Latin letters that they are taken for, after case folding.
_TWINS = dict(
    zip(
        map(ord, "авекмнорстухіјѕһԁԛԝαβεζηικμνορτυχ01|!ı"),
        "abekmhopctyxijshdqwabeznikuvoptuxollli",
        strict=True,
    )
)
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_COMBINING = {"Mn", "Me", "Cf"}
# Two numbers, so that no other user of advisory locks meets this one by accident.
LOCK = (0x4E41, 0x4D45)
CANDIDATES_MAX = 8
WORDS_MAX = 8
TEXT_CHARS_MIN = 2


@dataclass(frozen=True)
class Named:
    """Who a text means. `one` where it is somebody's id, credit code or whole name; else `candidates` are
    members with a name that begins so, or has words that do, and `is_cut` says that there are more."""

    one: Organisation | None
    candidates: tuple[Organisation, ...] = ()
    is_cut: bool = False


class NameTaken(Refusal):
    """Another member has this name, or one that looks like it; `like` names it."""

    code = "name_taken"


def check(name: str, *, organisation_id: int) -> None:
    """Raise NameTaken where a member has this name or one that a reader would take for it. Those who ask
    take turns until their transactions end: of two like names asked for at once one is seen first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", LOCK)
    for other in like(name, organisation_id=organisation_id):
        raise NameTaken(
            _("“%(name)s” is a member already, under this name or one that looks like it.")
            % {"name": other.name},
            like=other.name,
            field="name",
        )


def find(text: str) -> Named:
    """Who is meant. An id names any organisation; a credit code and a name only those who take part in the
    exchange now."""
    text = " ".join(text.split())
    if len(text) < TEXT_CHARS_MIN:
        return Named(one=None)
    members = _members()
    coded = members.filter(credit_code=text.upper()).first()
    named = coded or Organisation.objects.filter(public_id=text).first()
    if named is not None:
        return Named(named)
    called = list(members.filter(name__iexact=text)[:2])
    if len(called) == 1:
        return Named(called[0])
    words = re.findall(r"\w+", text.lower())[:WORDS_MAX]
    if not words:
        return Named(one=None)
    asked = SearchQuery(
        " & ".join(f"'{word}':*" for word in words), config="simple", search_type="raw"
    )
    found = members.annotate(words=SearchVector("name", config="simple")).filter(words=asked)
    shown = list(found.order_by("name", "pk")[: CANDIDATES_MAX + 1])
    return Named(None, tuple(shown[:CANDIDATES_MAX]), is_cut=len(shown) > CANDIDATES_MAX)


def _members() -> QuerySet[Organisation]:
    return Organisation.objects.filter(
        admissions__in=Admission.objects.filter(standing__in=PRESENT)
    )


def like(name: str, *, organisation_id: int) -> Iterable[Organisation]:
    """The members whose names look like this one."""
    wanted = skeletons(name)
    members = Organisation.objects.exclude(pk=organisation_id).filter(
        admissions__in=Admission.objects.exclude(standing__in=[Standing.EXITED, Standing.APPLIED])
    )
    keys = [key for key, held in members.values_list("pk", "name") if skeletons(held) & wanted]
    return Organisation.objects.filter(pk__in=keys).order_by("pk")


def skeletons(name: str) -> frozenset[str]:
    """The ways to read a name. Two names that share one could be taken for one another."""
    wide = unicodedata.normalize("NFKD", name)
    bare = {_bare(wide), _bare(wide.translate(_CAPITALS))}
    return frozenset(one.replace("i", "l") for one in (*bare, *map(_paired, bare)))


def _bare(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name.casefold())
    letters = (one for one in folded if unicodedata.category(one) not in _COMBINING)
    shown = "".join(letters).casefold().translate(_TWINS)
    return "".join(one for one in shown if one.isalnum())


def _paired(name: str) -> str:
    """Two letters that stand close together, read as the one that they look like."""
    for pair, single in _PAIRS:
        name = name.replace(pair, single)
    return name
