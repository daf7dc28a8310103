"""A door: one address with somebody's thing in it, one method, and what is sent.

`owner` is whose thing it is, or who may act on it: their call succeeds, with the body given here.
`opens` says who else gets in. To everybody else it is shut: sign in (302, 401), not allowed (403) or,
for whoever may not know of the thing, not there (404). `known` are things that everybody may know:
their doors may answer others with 403, 409 or 422 as well.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.attack.town import Town

# Things that both parties of a deal know of, whoever may act on them.
BETWEEN = frozenset(
    {"order", "waiting_order", "limited_order", "subscribed_order", "contract", "framework",
     "negotiation", "metered", "dispute", "asked_dispute", "appealable_dispute", "appealed_dispute",
     "decided_dispute", "question"}
)  # fmt: skip
PARTIES = ("buyer", "seller")

Body = Mapping[str, Any] | Callable[[Town], Any]


@dataclass(frozen=True)
class Door:
    """One method of one address with one thing."""

    name: str
    method: str
    owner: str
    names: Mapping[str, str] = field(default_factory=dict)
    body: Body = field(default_factory=dict)
    opens: frozenset[str] = frozenset()
    known: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return f"{self.method} {self.name} {' '.join(self.names.values())}"


def get(name: str, owner: str, /, *, also: str = "", known: bool = False, **names: str) -> Door:
    """A page or an answer about somebody's thing; `also` names the others who see it."""
    return Door(name, "get", owner, names, opens=frozenset(also.split()), known=known)


def post(
    name: str, owner: str, body: Body | None = None, /, *, also: str = "", known: bool = False,
    method: str = "post", headers: Mapping[str, str] | None = None, **names: str,
) -> Door:  # fmt: skip
    """An act on somebody's thing."""
    return Door(
        name, method, owner, names, body or {}, frozenset(also.split()), known, headers or {}
    )


def acts(name: str, owner: str, thing: str, **bodies: Body) -> Iterator[Door]:
    """Console acts on one thing: `name` is the table's, each act a door of operators. What the second
    operator owns was proposed by the first, who gets nothing."""
    also = "operator second_operator" if owner == "operator" else ""
    for act, body in bodies.items():
        yield post(f"{name}_{act}", owner, body, also=also, object_id=thing)
