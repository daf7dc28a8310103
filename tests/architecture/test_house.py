"""The cut of the house, each figure beside what it should be: sizes, one state machine, keys, journeys."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import CharField, ForeignKey, TextField

from tests.architecture import house, sizes, state_writes
from tests.architecture.conftest import Figure
from tests.architecture.floors import PROJECT, floor_of

# References that somebody outside gave: a provider's, a bank's.
FOREIGN_REFS = {
    "provider_ref", "charge_ref", "transfer_ref", "bank_ref", "source_ref", "customer_ref", "method_ref",
}  # fmt: skip
COPIES = re.compile(r"(?:take|record)_step|locked_\w+")


def python_files(folder: str) -> list[Path]:
    return [path for path in (PROJECT / folder).rglob("*.py") if path.name != "__init__.py"]


def definitions(kind: type[ast.ClassDef | ast.FunctionDef]) -> Iterator[tuple[str, str]]:
    """Name and place of every class or function of the source."""
    for path in sizes.source_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, kind):
                yield node.name, f"{path.relative_to(PROJECT)}:{node.lineno} {node.name}"


def test_the_source_is_as_long_as_it_has_to_be(figure: Figure) -> None:
    figure("source_lines", sizes.source_lines())
    figure("modules", len(sizes.modules()))


def test_a_module_is_one_concept_neither_a_crumb_nor_a_book(figure: Figure) -> None:
    counted = sizes.modules()
    crumbs = [f"{row.lines} {row.name}" for row in counted if row.lines < sizes.CRUMB_LINES]
    books = [f"{row.lines} {row.name}" for row in counted if row.lines > sizes.MODULE_LINES_MAX]
    figure("module_lines_max", counted[-1].lines, books)
    figure("module_lines_median", sizes.median_lines(counted))
    figure("modules_under_40_percent", round(100 * len(crumbs) / len(counted), 1), crumbs)


def test_a_template_line_can_be_read_without_scrolling(figure: Figure) -> None:
    long = sizes.long_template_lines()
    figure("template_lines_over_160", len(long), long)


def test_only_the_machine_writes_a_state(figure: Figure) -> None:
    by_orm, by_sql = state_writes.orm_places(), state_writes.sql_places()
    figure("state_writes_by_orm", len(by_orm), by_orm)
    figure("state_writes_by_sql", len(by_sql), by_sql)


def test_there_is_one_machine_and_no_copy(figure: Figure) -> None:
    classes, functions = list(definitions(ast.ClassDef)), list(definitions(ast.FunctionDef))
    machines = [place for name, place in classes if name == "Lifecycle"]
    copies = [place for name, place in classes if name in {"Move", "MoveRule"}]
    copies += [place for name, place in functions if COPIES.fullmatch(name)]
    figure("machines", len(machines), machines)
    figure("machine_copies", len(copies), copies)


def test_a_use_case_has_no_twin_and_stories_are_few(figure: Figure) -> None:
    flows, journeys = python_files("exchange/flows"), python_files("exchange/journeys")
    figure("files_in_flows", len(flows), [str(path) for path in flows])
    figure("files_in_journeys", len(journeys), [str(path) for path in journeys])


def test_a_row_names_another_by_a_key_that_the_database_keeps(figure: Figure) -> None:
    found = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if floor_of(model.__module__) is not None
        for field in model._meta.concrete_fields
        if isinstance(field, CharField | TextField)
        and field.name.endswith("_ref")
        and field.name not in FOREIGN_REFS
    ]
    figure("string_references", len(found), found)


def test_no_foreign_key_points_to_an_upper_floor_or_across_one(figure: Figure) -> None:
    upward = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models()
        if (own := floor_of(model.__module__)) is not None
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey) and not isinstance(field.related_model, str)
        if (other := floor_of(field.related_model.__module__)) is not None
        if other > own
        or (other == own and field.related_model._meta.app_label != model._meta.app_label)
    ]
    figure("foreign_keys_upward", len(upward), upward)


def test_every_figure_with_a_limit_is_measured() -> None:
    folder = Path(__file__).parent
    figures = re.findall(r'figure\(\s*"(\w+)"', (folder / "test_house.py").read_text())
    walks = re.findall(r'hold\(figure, "(\w+)"', (folder / "test_walk.py").read_text())
    figures += [f"{walk}_{part}" for walk in walks for part in ("modules", "hops", "upward")]
    assert sorted(figures) == sorted(house.limits())


WRITES = """
order.state = OrderState.PAID
order.state, order.version = state, 2
Order(state="new", version=1)
Order.objects.create(state="new")
Order.objects.filter(pk=1).update(state="new")
Order.objects.update_or_create(pk=1, defaults={"state": "new"})
order.save(update_fields=["version", "state"])
Order.objects.bulk_update(rows, ["state"])
setattr(order, "state", "new")
Order.objects.filter(pk=1).update(**{"state": "new"})
"""
READS = """
state = order.state
Order.objects.filter(state="new").update(version=1)
Refused(state=order.state)
if order.state == "new":
    order.save(update_fields=["version"])
getattr(order, "state")
class Guard:
    def __init__(self, state):
        self.state = state
"""


def test_the_scan_sees_every_way_to_write_a_state() -> None:
    columns = {"Order": frozenset({"state"})}
    written = state_writes.writes_by_orm(WRITES, columns)
    assert [line for line, _name in written] == list(range(2, 12))
    assert state_writes.writes_by_orm(READS, columns) == []


@pytest.mark.parametrize(
    ("sql", "writes"),
    [
        ("UPDATE orders_order SET state = 'paid' WHERE id = 1", True),
        ("UPDATE orders_order AS o SET version = 2, state = 'paid' FROM x", True),
        ("UPDATE orders_order SET (version, state) = (2, 'paid')", True),
        ('    SET\n        version = 2,\n        "state" = %(state)s\n    WHERE id = 1', True),
        ("INSERT INTO orders_order (id, state) VALUES (1, 'new')", True),
        ("UPDATE orders_order SET version = 2 WHERE state = 'paid'", False),
        ("SELECT state FROM orders_order WHERE state = 'paid'", False),
        ("UPDATE orders_order SET told_state = 'paid'", False),
        ("INSERT INTO orders_step (id, target) SELECT 1, state FROM orders_order", False),
    ],
)
def test_the_scan_reads_sql(sql: str, *, writes: bool) -> None:
    assert state_writes.sql_writes_state(sql, {"state"}) is writes
