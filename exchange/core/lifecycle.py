"""The one state machine: a room declares a table of transitions, everything else follows from it.

A transition asks the table, moves the state, sets whose turn it is and until when (from the rule
pack), and adds to the journal what is written beside the subject: a step, a record in the log, the
notices, a live update. Reactions to it are rows of a table, of the room itself or of a room above.
Nothing else assigns a state; sets of rows go through `transition_many`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from functools import cached_property
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from exchange.core.formatting import end_shown
from exchange.core.refusals import Invalid, NotFound, Refusal, TooLate
from exchange.core.use_case import current, gather

REASON_CHARS_MAX = 2000
M = TypeVar("M", bound=models.Model)
StepM = TypeVar("StepM", bound=models.Model)


class IllegalTransition(Refusal):
    """The subject's lifecycle has no such transition from where it stands."""

    code = "illegal_transition"


class ReasonMissing(Invalid):
    """This transition needs a reason, or the reason is too long."""

    code = "reason_missing"


class Doer(Protocol):
    """Whoever acts: what the step and the log show of them."""

    @property
    def name(self) -> str: ...
    @property
    def user_id(self) -> int | None: ...


@dataclass(frozen=True)
class Named:
    """Whoever acts, by name and key alone: what a step shows of them."""

    name: str
    user_id: int | None = None


@dataclass(frozen=True)
class Transition:
    """One row of a table: from where (NEW: it creates the subject), where to (None: it stays).

    `by` is the party that makes it, `turn` whose turn it is then (None: as before) and `term` how
    long they have: a key of the rule pack counted in working days, or a plain duration. `event` is
    its name in the log, `notify` the parties that are told of it. `in_time`: refused once the
    subject's own deadline has come, whether or not the clock has acted on it yet.
    """

    name: str
    source: Enum | Collection[Enum | None] | None
    target: Enum | None
    _: KW_ONLY
    by: str = ""
    turn: str | None = None
    term: str | timedelta | None = None
    event: str = ""
    needs_reason: bool = False
    in_time: bool = False
    notify: tuple[str, ...] = ()

    @cached_property
    def sources(self) -> frozenset[Enum | None]:
        if self.source is None or isinstance(self.source, Enum):
            return frozenset({self.source})
        return frozenset(self.source)


NEW: None = None


@dataclass(frozen=True)
class Change:
    """What happened, as reactions and the log see it. `step_id` is empty where no step is kept,
    `record_id` where nothing is recorded."""

    transition: str
    source: str
    target: str
    actor: str
    at: datetime
    number: int = 0
    step_id: str = ""
    record_id: str = ""
    by_id: int | None = None
    approved_by_id: int | None = None
    reason: str = ""
    reason_code: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def doer(self) -> Named:
        """Who made it, for what follows from it."""
        return Named(self.actor, self.by_id)


Reaction = Callable[[Any, Change], object]
Record = Callable[..., str]


class _Declared:
    """Filled by the log in its `AppConfig.ready`."""

    record: ClassVar[Record]


def declare(*, record: Record) -> None:
    """Say who makes a record, and gives its id."""
    _Declared.record = staticmethod(record)


_lifecycles: dict[str, Lifecycle[Any]] = {}


def lifecycles() -> list[Lifecycle[Any]]:
    """All declared lifecycles, by name."""
    return [_lifecycles[name] for name in sorted(_lifecycles)]


class Lifecycle(Generic[M]):
    """One lifecycle: `Lifecycle("orders.order", OrderState, start=…, transitions=(…))`.

    `name` is `room.thing`. The thing is what the log, live topics and steps call the subject.
    `state_field` is the column. `when_due` says what the clock does in which state once `due_at` has
    come. `live` False: no page follows it.
    """

    def __init__(
        self,
        name: str,
        states: type[Enum],
        *,
        title: str | Promise,
        start: Enum,
        transitions: Sequence[Transition],
        state_field: str = "state",
        when_due: Mapping[Enum, str] | None = None,
        live: bool = True,
    ) -> None:
        self.name, self.states, self.title, self.start = name, states, title, start
        self.thing = name.rpartition(".")[2]
        self.state_field, self.live, self.when_due = state_field, live, dict(when_due or {})
        self.transitions = {str(row.name): row for row in transitions}
        self.reactions: dict[str, list[Reaction]] = {}
        self.model: type[M]
        self.steps_model: type[models.Model] | None = None
        self.step_link = ""
        self.related: tuple[str, ...] = ()
        self.concerns: Callable[[M], Any] | None = None
        self.locks_next: list[Callable[[M], object]] = []  # what is always locked after it
        self.record_facts: Callable[[M, Change], Mapping[str, Any]] = lambda _s, _c: {}
        self._check(transitions)
        _lifecycles[name] = self

    def _check(self, transitions: Sequence[Transition]) -> None:
        if len(self.transitions) != len(transitions):
            raise ValueError(f"{self.name}: two transitions of one name")
        reached = {row.target for row in transitions} | {self.start}
        if missing := [state for state in self.states if state not in reached]:
            raise ValueError(f"{self.name}: nothing leads to {missing}")

    def governs(self, *related: str) -> Callable[[type[M]], type[M]]:
        """Class decorator of the subject's model; `related` is fetched when it is locked."""

        def bind(model: type[M]) -> type[M]:
            self.model, self.related = model, related
            return model

        return bind

    def keeps_steps(self, link: str) -> Callable[[type[StepM]], type[StepM]]:
        """Class decorator of the step's model, whose foreign key to the subject is `link`."""

        def bind(model: type[StepM]) -> type[StepM]:
            self.steps_model, self.step_link = model, link
            return model

        return bind

    def on(self, names: str | Iterable[str], *reactions: Reaction) -> None:
        """Have `reaction(subject, change)` called within each such transition, in this order."""
        for name in [names] if isinstance(names, str) else names:
            self.reactions.setdefault(str(self.transitions[str(name)].name), []).extend(reactions)

    @cached_property
    def moves(self) -> Mapping[Enum, frozenset[Enum]]:
        """To which states each state leads."""
        rows = self.transitions.values()
        return {
            state: frozenset(
                row.target for row in rows if row.target is not None and state in row.sources
            )
            for state in self.states
        }

    @cached_property
    def ended(self) -> frozenset[Enum]:
        """The states from which nothing leads on."""
        return frozenset(state for state, targets in self.moves.items() if not targets)

    @cached_property
    def events(self) -> tuple[str, ...]:
        """The names under which its transitions stand in the log."""
        return tuple(dict.fromkeys(row.event for row in self.transitions.values() if row.event))

    def label(self, name: str) -> str:
        """What a transition is called, in the reader's language."""
        return str(getattr(self.transitions[str(name)].name, "label", name))

    def state_of(self, subject: M) -> Enum:
        """Where the subject stands."""
        return self.states(getattr(subject, self.state_field))

    def may(self, subject: M, name: str) -> bool:
        """Whether the table has this transition from where the subject stands."""
        return self.state_of(subject) in self.transitions[str(name)].sources

    def possible(self, subject: M) -> tuple[str, ...]:
        """The transitions that start from where the subject stands."""
        state = self.state_of(subject)
        return tuple(name for name, row in self.transitions.items() if state in row.sources)

    def check(self, subject: M, name: str) -> None:
        """Raise IllegalTransition unless the table has this transition from there."""
        if self.may(subject, name):
            return
        state = self.state_of(subject)
        raise IllegalTransition(
            _("This step is not possible from the state “%(state)s”.")
            % {"state": getattr(state, "label", state.value)},
            current=state.value,
            target=str(name),
            legal=sorted(self.possible(subject)),
        )

    def legal_steps(self) -> list[tuple[str, str, str]]:
        """Every (transition, from, to) that a step may record; `from` is empty for the first."""
        return [
            (name, "" if source is None else str(source.value), str((row.target or source).value))  # type: ignore[union-attr]
            for name, row in self.transitions.items()
            for source in sorted(row.sources, key=lambda one: "" if one is None else str(one.value))
        ]

    def lock(self, public_id: str) -> M:
        """The subject, which nobody else may change until this transaction ends. NotFound."""
        return self._locked(public_id=public_id)

    def lock_key(self, key: int) -> M:
        return self._locked(pk=key)

    def lock_again(self, subject: M) -> M:
        return self._locked(pk=subject.pk)

    def _locked(self, **which: object) -> M:
        rows = self.model._default_manager.select_related(*(self.related or (None,)))
        try:
            subject = rows.select_for_update(of=("self",), no_key=True).get(**which)
        except ObjectDoesNotExist:
            raise NotFound(_("There is no such thing.")) from None
        subject.locked_during = current()  # type: ignore[attr-defined]  # read by use_case
        for lock in self.locks_next:
            lock(subject)
        return subject

    def due(self, *, now: datetime, limit: int) -> list[int]:
        """Keys of subjects for which the clock has something to do, most overdue first."""
        states = [str(state.value) for state in self.when_due]
        rows = self.model._default_manager.filter(
            due_at__lte=now, **{f"{self.state_field}__in": states}
        )
        return list(rows.order_by("due_at", "pk").values_list("pk", flat=True)[:limit])

    def transition(
        self,
        subject: M,
        name: str,
        *,
        actor: Doer,
        now: datetime,
        by_id: int | None = None,
        approved_by_id: int | None = None,
        reason: str = "",
        reason_code: str = "",
        facts: Mapping[str, Any] | None = None,
        personal: Mapping[str, str] | None = None,
        due_at: datetime | None = None,
        skip_deadline: bool = False,
        save: Sequence[str] = (),
        step: Mapping[str, Any] | None = None,
        notify: bool = True,
    ) -> M:
        """Make the transition on a locked (or new and unsaved) subject, and return it.

        `save` names further columns of the subject that the caller has set, `step` gives further
        columns of the step. The deadline is the table's unless `due_at` names one;
        `skip_deadline` says that another transition follows at once. `facts` go to step and log,
        `personal` only as commitments. Raises IllegalTransition and ReasonMissing.
        """
        row = self.transitions[str(name)]
        before = self._source(subject, row, now)
        reason = self.checked_reason(name, reason)
        self._follow(subject, row, now=now, due_at=due_at, skip_deadline=skip_deadline)
        self._save(subject, save)
        change = Change(
            transition=str(name),
            source=before,
            target=str(getattr(subject, self.state_field)),
            actor=actor.name,
            at=now,
            number=getattr(subject, "steps_count", 0),
            by_id=by_id if by_id is not None else actor.user_id,
            approved_by_id=approved_by_id,
            reason=reason,
            reason_code=reason_code,
            facts=dict(facts or {}),
        )
        change = self._keep_step(subject, change, step or {})
        change = self._record(subject, row, change, personal or {})
        for reaction in self.reactions.get(str(name), ()):
            reaction(subject, change)
        if self.live:
            self.announce(subject)
        for party in row.notify if notify else ():
            gather("notice", (self, subject, change, party))
        return subject

    def announce(self, subject: M, *, facts: Mapping[str, str | int] | None = None) -> None:
        """Tell open pages, once this commits, that the subject has a new version. They show `facts`
        at once: everybody who may open the page may know them."""
        version = getattr(subject, "version", getattr(subject, "steps_count", 0))
        topic = f"{self.thing}:{subject.public_id}"  # type: ignore[attr-defined]
        gather("live", (topic, version, facts))

    def transition_many(
        self,
        name: str,
        *,
        where: str,
        params: Mapping[str, Any],
        columns: Mapping[str, str] | None = None,
        returning: Sequence[str] = ("id",),
        source: str = "",
    ) -> list[tuple[Any, ...]]:
        """Make one transition on all rows that `where` (SQL over the table, called `subject`) names,
        in one statement; rows that stand elsewhere are passed over. Returns `returning` of each. For
        lifecycles that keep no steps. `columns` are further columns with their SQL, `source` is put
        before the UPDATE (WITH …) or after it (FROM …).
        """
        row = self.transitions[str(name)]
        if self.steps_model is not None or row.event or row.notify:
            raise TypeError(f"{self.name} keeps steps or records: move one subject at a time")
        values = {**params, "_sources": [str(one.value) for one in row.sources if one is not None]}
        sets = dict(columns or {})
        if row.target is not None:
            sets[self.state_field] = "%(_target)s"
            values["_target"] = str(row.target.value)
        before, after = (source, "") if source.lstrip().upper().startswith("WITH") else ("", source)
        assignments = ", ".join(f"{column} = {value}" for column, value in sets.items())
        answer = ", ".join(f"subject.{column}" for column in returning)
        statement = (
            f"{before} UPDATE {self.model._meta.db_table} AS subject SET {assignments} {after}"  # noqa: S608 - built of constants
            f" WHERE subject.{self.state_field} = ANY(%(_sources)s) AND {where} RETURNING {answer}"
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall())

    def _source(self, subject: M, row: Transition, now: datetime) -> str:
        if not connection.in_atomic_block:
            raise transaction.TransactionManagementError("A transition needs a transaction.")
        if subject._state.adding or getattr(subject, "steps_count", 1) == 0:  # it is new
            if None not in row.sources:
                raise ValueError(f"{self.name}: {row.name} does not create anything")
            return ""
        self.check(subject, row.name)
        self._check_time(subject, row, now)
        return str(getattr(subject, self.state_field))

    def _check_time(self, subject: M, row: Transition, now: datetime) -> None:
        due_at = getattr(subject, "due_at", None)
        if row.in_time and due_at and due_at <= now and self.state_of(subject) in self.when_due:
            said = _("The time for this ended on %(at)s.") % {"at": end_shown(due_at)}
            raise TooLate(said, due_at=due_at.isoformat())

    def checked_reason(self, name: str, reason: str) -> str:
        """The reason without surrounding space. Raises ReasonMissing where one is needed."""
        return checked_reason(reason, is_needed=self.transitions[str(name)].needs_reason)

    @cached_property
    def _columns(self) -> frozenset[str]:
        return frozenset(one.name for one in self.model._meta.get_fields())

    def _follow(
        self,
        subject: M,
        row: Transition,
        *,
        now: datetime,
        due_at: datetime | None,
        skip_deadline: bool,
    ) -> None:
        if row.target is not None:
            setattr(subject, self.state_field, row.target.value)
        if "turn" in self._columns and row.turn is not None:
            subject.turn = row.turn  # type: ignore[attr-defined]
        if "due_at" in self._columns and (row.turn is not None or "turn" not in self._columns):
            if due_at is None and row.term is not None and not skip_deadline:
                from exchange.core.calendar import deadline  # noqa: PLC0415 - its models have lifecycles

                due_at = deadline(row.term, now=now)
            subject.due_at = due_at  # type: ignore[attr-defined]
        for counter in self._columns & {"steps_count", "version"}:
            setattr(subject, counter, getattr(subject, counter) + 1)
        if "changed_at" in self._columns:
            subject.changed_at = now  # type: ignore[attr-defined]

    def _save(self, subject: M, also: Sequence[str]) -> None:
        if subject._state.adding:
            subject.save(force_insert=True)
            subject.locked_during = current()  # type: ignore[attr-defined]
            return
        ours = {self.state_field, "turn", "due_at", "steps_count", "version", "changed_at"}
        subject.save(update_fields=[*sorted(ours & self._columns), *also])

    def _keep_step(self, subject: M, change: Change, columns: Mapping[str, Any]) -> Change:
        if self.steps_model is None:
            return change
        ids = {"step_id", "record_id"}
        known = {name: value for name, value in change.__dict__.items() if name not in ids}
        kept = self.steps_model(**{self.step_link: subject}, **known, **columns)
        gather("step", kept)
        return replace(change, step_id=kept.public_id)  # type: ignore[attr-defined]

    def _record(
        self, subject: M, row: Transition, change: Change, personal: Mapping[str, str]
    ) -> Change:
        if not row.event:
            return change
        named = f"{self.thing}_step:{change.step_id}" if change.step_id else ""
        approver = change.approved_by_id
        facts: dict[str, Any] = {self.step_link or self.thing: subject.public_id}  # type: ignore[attr-defined]
        if change.step_id:
            facts |= {"number": change.number, "from": change.source, "to": change.target}
        if approver is not None:
            facts["approved_by"] = _public_id_of_user(approver)
        if change.reason_code:
            facts["reason_code"] = change.reason_code
        facts |= {**self.record_facts(subject, change), **change.facts}
        kept = dict(personal)
        if change.reason:
            kept["reason"] = change.reason
        record_id = _Declared.record(
            event=row.event,
            actor=change.actor,
            subject=named or f"{self.thing}:{subject.public_id}",  # type: ignore[attr-defined]
            facts=facts,
            personal=kept or None,
            at=change.at,
        )
        return replace(change, record_id=record_id)


def checked_reason(reason: str, *, is_needed: bool = True) -> str:
    """The reason without surrounding space. Raises ReasonMissing where it is needed and empty, and
    where it is too long."""
    reason = reason.strip()
    if len(reason) > REASON_CHARS_MAX or (is_needed and not reason):
        raise ReasonMissing(
            _("Please give a reason of at most %(limit)d characters.")
            % {"limit": REASON_CHARS_MAX},
            limit=REASON_CHARS_MAX,
        )
    return reason


def _public_id_of_user(user_id: int) -> str:
    from accounts.models import User  # noqa: PLC0415 - models of core are loaded before those of accounts

    return User.objects.values_list("public_id", flat=True).get(pk=user_id)
