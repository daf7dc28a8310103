"""The attacker's steps: one for each use case that somebody acts in, and those of clock and provider.

Use cases of a lifecycle get a step by themselves: any row, in a state in which the step went well
before, by somebody of those whom it concerns. The others have their own in `PARTS`.
"""

from collections import defaultdict

from exchange.members.actors import Actor, Subject
from exchange.members.permissions import PERMISSION_RULES, Permission
from tests.attack import (
    refills_deals,
    refills_disputes,
    refills_forbidden,
    refills_money,
    refills_sales,
    steps_deals,
    steps_doors,
    steps_members,
    steps_money,
    steps_readers,
    steps_sales,
)
from tests.attack.acting import OWN, Step, operating
from tests.attack.arguments import told
from tests.attack.engine import LIKELY, Attack, NothingThere, UseCase
from tests.attack.untried import UNTRIED

LEARNED: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [1, 2]))
# Each keeps its own steps as it is read.
PARTS = (
    steps_deals, steps_doors, steps_members, steps_money, steps_sales, steps_readers,
    refills_deals, refills_disputes, refills_forbidden, refills_money, refills_sales,
)  # fmt: skip


def of_lifecycle(case: UseCase) -> Step:
    """A step on any row of the use case's lifecycle."""

    def step(attack: Attack) -> object:
        lifecycle = case.lifecycle
        assert lifecycle is not None
        rows = lifecycle.model._default_manager.all()
        states = sorted(rows.values_list(lifecycle.state_field, flat=True).distinct())
        if case.sources and attack.random.random() < LIKELY:
            states = [one for one in states if one in case.sources]
        if not states:
            raise NothingThere(case.name)
        seen = LEARNED[case.name]
        weights = [seen[state][0] / seen[state][1] for state in states]
        state = attack.random.choices(states, weights)[0]
        seen[state][1] += 1
        row = attack.pick(rows.filter(**{lifecycle.state_field: state}))
        subject = lifecycle.concerns(row) if lifecycle.concerns else None
        actor = _who(attack, case.permission, subject)
        call = case.call
        result = call(row, actor=actor, now=attack.now, **told(attack, case, row))
        seen[state][0] += 1
        return result

    return step


def _who(attack: Attack, permission: Permission | None, subject: Subject | None) -> Actor:
    """Somebody who may do it. Where the use case asks whether its subject may be read and the rest in
    its body, somebody who deals for a party."""
    if permission is Permission.PAYMENTS_RUN:
        seconded: Actor = operating(attack)
        return seconded
    if permission is not None and not PERMISSION_RULES[permission].changes:
        side = attack.random.choice((Permission.QUOTE_ASK, Permission.QUOTE_MAKE))
        return attack.somebody(side, subject)
    return attack.somebody(permission, subject, is_whole=True)


def steps(cases: dict[str, UseCase]) -> dict[str, Step]:
    """All steps, by the use case that each is for."""
    made = {
        name: of_lifecycle(case)
        for name, case in cases.items()
        if case.acts and case.lifecycle is not None and name not in {*OWN, *UNTRIED}
    }
    return {**made, **OWN}
