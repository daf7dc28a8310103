"""Operations for migrations that install what the database refuses: one for each kind of promise.

`AppendOnly` rows are never changed, `NeverDeleted` rows never go, `Frozen` columns keep their value
(while a condition holds), and with `FollowsSteps` a subject stands where its steps lead, which is
checked at commit, since a step and its subject are two rows. All call `core_refuse_rewriting`, which
`RefusalFunction` makes in the first migration of core.
"""

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.migrations.state import ProjectState

REFUSE = """
CREATE FUNCTION core_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%% of %% is refused: its rows are never changed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
END $$
"""
TRIGGER = """
CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH {each} {condition}
EXECUTE FUNCTION core_refuse_rewriting()
"""
FOLLOWS = """
CREATE FUNCTION {table}_check(checked bigint, rule text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM {table} AS o JOIN {steps} AS s ON s.{link} = o.id AND s.number = o.steps_count
        WHERE o.id = checked AND s.target = o.{state}
    ) OR EXISTS (
        SELECT FROM {steps} AS s
        LEFT JOIN {steps} AS p ON p.{link} = s.{link} AND p.number = s.number - 1
        JOIN {table} AS o ON o.id = s.{link}
        WHERE s.{link} = checked
            AND (s.number NOT BETWEEN 1 AND o.steps_count OR s.source <> COALESCE(p.target, ''))
    ) THEN
        RAISE EXCEPTION '{thing} %% does not stand where its steps lead', checked
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = rule;
    END IF;
END $$;
CREATE FUNCTION {table}_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM {table}_check(NEW.id, '{thing}_stands_where_its_steps_lead');
    RETURN NULL;
END $$;
CREATE FUNCTION {steps}_is_followed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM {table}_check(NEW.{link}, TG_NAME);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER {thing}_begins_with_a_step AFTER INSERT ON {table}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {table}_follows();
CREATE CONSTRAINT TRIGGER {thing}_stands_where_its_steps_lead
    AFTER UPDATE OF {state}, steps_count ON {table} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.{state} <> NEW.{state} OR OLD.steps_count <> NEW.steps_count)
    EXECUTE FUNCTION {table}_follows();
CREATE CONSTRAINT TRIGGER {thing}_steps_follow_each_other AFTER INSERT ON {steps}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {steps}_is_followed();
"""
UNFOLLOW = """
DROP TRIGGER {thing}_steps_follow_each_other ON {steps};
DROP TRIGGER {thing}_stands_where_its_steps_lead ON {table};
DROP TRIGGER {thing}_begins_with_a_step ON {table};
DROP FUNCTION {steps}_is_followed();
DROP FUNCTION {table}_follows();
DROP FUNCTION {table}_check(bigint, text);
"""


class _Sql(Operation):
    """SQL that Django's picture of the models knows nothing of."""

    reduces_to_sql = True
    reversible = True
    category = OperationCategory.SQL

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Nothing changes in the models."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for statement in self.forwards(to_state.apps, app_label):
            schema_editor.execute(statement, params=None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for statement in self.backwards(from_state.apps, app_label):
            schema_editor.execute(statement, params=None)

    def describe(self) -> str:
        return type(self).__name__

    def forwards(self, apps: Any, app_label: str) -> list[str]:
        raise NotImplementedError  # each operation says what it installs

    def backwards(self, apps: Any, app_label: str) -> list[str]:
        raise NotImplementedError  # and how it is taken away


class RefusalFunction(_Sql):
    """The one function that all guards call."""

    def forwards(self, apps: Any, app_label: str) -> list[str]:
        return [REFUSE.replace("%%", "%")]

    def backwards(self, apps: Any, app_label: str) -> list[str]:
        return ["DROP FUNCTION core_refuse_rewriting()"]


class _Triggers(_Sql):
    """Triggers on one model's table. `name` is the beginning of theirs; the table's otherwise."""

    def __init__(self, model: str, *, name: str = "") -> None:
        self.model, self.name = model, name

    def rows(self, table: str, model: Any) -> list[tuple[str, str, str, str]]:
        """Name, moment, ROW or STATEMENT, and condition of each trigger."""
        raise NotImplementedError  # each operation has its own

    def forwards(self, apps: Any, app_label: str) -> list[str]:
        model = apps.get_model(app_label, self.model)
        table = model._meta.db_table
        return [
            TRIGGER.format(name=name, when=when, table=table, each=each, condition=condition)
            for name, when, each, condition in self.rows(self.name or table, model)
        ]

    def backwards(self, apps: Any, app_label: str) -> list[str]:
        model = apps.get_model(app_label, self.model)
        table = model._meta.db_table
        return [
            f"DROP TRIGGER {name} ON {table}"
            for name, _when, _each, _condition in reversed(self.rows(self.name or table, model))
        ]


class AppendOnly(_Triggers):
    """Rows are never changed, deleted or emptied."""

    def rows(self, table: str, model: Any) -> list[tuple[str, str, str, str]]:
        return [
            (f"{table}_are_never_changed", "UPDATE OR DELETE", "ROW", ""),
            (f"{table}_are_never_emptied", "TRUNCATE", "STATEMENT", ""),
        ]


class NeverDeleted(_Triggers):
    """Rows are never deleted or emptied; they may change."""

    def rows(self, table: str, model: Any) -> list[tuple[str, str, str, str]]:
        return [
            (f"{table}_are_never_deleted", "DELETE", "ROW", ""),
            (f"{table}_are_never_emptied", "TRUNCATE", "STATEMENT", ""),
        ]


class Frozen(_Triggers):
    """The named fields keep their value, while `when` (SQL over OLD and NEW) holds. Without fields
    no change at all is let through while it holds."""

    def __init__(
        self, model: str, *, fields: Sequence[str] = (), when: str = "", name: str
    ) -> None:
        super().__init__(model, name=name)
        self.fields, self.when = tuple(fields), when

    def rows(self, table: str, model: Any) -> list[tuple[str, str, str, str]]:
        conditions = [f"({self.when})"] if self.when else []
        if self.fields:
            columns = [model._meta.get_field(field).column for field in self.fields]
            old = ", ".join(f"OLD.{column}" for column in columns)
            new = ", ".join(f"NEW.{column}" for column in columns)
            conditions.append(f"(ROW({old}) IS DISTINCT FROM ROW({new}))")
        return [(self.name, "UPDATE", "ROW", f"WHEN ({' AND '.join(conditions)})")]


class FollowsSteps(_Sql):
    """The subject stands where its newest step leads, and its steps follow each other."""

    def __init__(self, model: str, steps: str, *, link: str, state: str = "state") -> None:
        self.model, self.steps, self.link, self.state = model, steps, link, state

    def forwards(self, apps: Any, app_label: str) -> list[str]:
        return [FOLLOWS.format(**self._names(apps, app_label)).replace("%%", "%")]

    def backwards(self, apps: Any, app_label: str) -> list[str]:
        return [UNFOLLOW.format(**self._names(apps, app_label))]

    def _names(self, apps: Any, app_label: str) -> dict[str, str]:
        steps = apps.get_model(app_label, self.steps)
        return {
            "table": apps.get_model(app_label, self.model)._meta.db_table,
            "steps": steps._meta.db_table,
            "link": steps._meta.get_field(self.link).column,
            "state": self.state,
            "thing": self.link,
        }
