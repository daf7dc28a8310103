"""Who is acting: a person for an organisation, a program with a key, or the exchange's own clock."""

from dataclasses import dataclass, field
from enum import Enum

from django.utils.translation import gettext as _

from accounts.models import MembershipRole, Organisation
from exchange.core.lifecycle import Doer
from exchange.core.refusals import NotAllowed
from exchange.members.lifecycle import Standing
from exchange.members.roles import OVERSEERS, Kind, Role


class ActorKind(Enum):
    """What acts."""

    NOBODY = "nobody"
    PERSON = "person"
    KEY = "key"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """Everything that policy looks at, read afresh for each request.

    `name` is what the log shows: `user:usr_…`, `key:key_…`, `system:clock`. `roles` are those that
    count now in the organisation acted for. `organisation_id` is None when acting for none.
    """

    kind: ActorKind
    name: str
    user_id: int | None = None
    organisation_id: int | None = None
    membership: MembershipRole | None = None
    standing: Standing | None = None
    kinds: frozenset[Kind] = field(default_factory=frozenset)
    roles: frozenset[Role] = field(default_factory=frozenset)
    second_factor: bool = False
    scopes: frozenset[str] = field(default_factory=frozenset)

    @property
    def oversees(self) -> bool:
        """Whether the actor sees the whole exchange: an operator or a regulator, in standing."""
        return self.kind is ActorKind.SYSTEM or bool(
            self.standing is Standing.ACTIVE and self.roles & OVERSEERS
        )


NOBODY = Actor(kind=ActorKind.NOBODY, name="nobody")


def system_actor(name: str) -> Actor:
    """The exchange itself: its clock and its background work."""
    return Actor(kind=ActorKind.SYSTEM, name=f"system:{name}")


def person_of(actor: Doer) -> int:
    """The person who acts; programs and clocks take no such steps."""
    if actor.user_id is None:
        raise NotAllowed(_("This needs the agreement of a person."), reason="person_needed")
    return actor.user_id


def organisation_of(actor: Actor) -> int:
    """The organisation acted for."""
    if actor.organisation_id is None:
        raise NotAllowed(
            _("Choose the organisation that you act for."), reason="organisation_needed"
        )
    return actor.organisation_id


@dataclass(frozen=True)
class Subject:
    """What policy needs to know of the thing acted on: whose it is and who is tied to it.

    `engaged` are organisations called in for it, `made_by` the people who proposed or made it,
    `other_side` the organisations that already serve the opposite party of the same matter, and
    `conflicted` the people who declared a conflict of interest.
    """

    organisation_id: int | None
    engaged: frozenset[int] = frozenset()
    made_by: frozenset[int] = frozenset()
    other_side: frozenset[int] = frozenset()
    conflicted: frozenset[int] = frozenset()

    @classmethod
    def of(cls, organisation: Organisation) -> "Subject":
        return cls(organisation_id=organisation.pk)
