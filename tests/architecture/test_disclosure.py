"""One module decides what may leave of a product's data: no other compares ways of delivery or grades,
or takes values, samples and content where the rule was not asked.

Each table names the modules that may, with the reason; a module that does no longer goes out of it.
"""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
RULE = "exchange/catalog/disclosure.py"
WAYS = {"FILE", "API", "EXTERNAL", "SANDBOX", "SERVICE"}
VALUES = {
    "preview", "quantiles", "histogram", "top", "mixed", "example", "examples", "series", "grid",
}  # fmt: skip
CONTENT = {"open_blob", "blob_path", "sample", "sample_id"}

Found = Callable[[ast.AST], bool]


def names_a_way(node: ast.AST) -> bool:
    """`Delivery.SANDBOX`, or the word compared with."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.value.id == "Delivery" and node.attr in WAYS
    return isinstance(node, ast.Compare) and any(
        isinstance(one, ast.Constant) and one.value == "sandbox" for one in ast.walk(node)
    )


def names_a_sensitive_grade(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Grade"
        and node.attr in {"GENERAL_3", "GENERAL_4", "IMPORTANT", "CORE"}
    )


def reads_a_value(node: ast.AST) -> bool:
    """`document["preview"]`, `column.get("top")`."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return node.slice.value in VALUES
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "get"
        and bool(node.args)
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value in VALUES
    )


def takes_content(node: ast.AST) -> bool:
    """The sample of a table, or the bytes of anything stored."""
    if isinstance(node, ast.Attribute):
        return node.attr in CONTENT
    return isinstance(node, ast.Name) and node.id in CONTENT


def takes_a_file(node: ast.AST) -> bool:
    """The Parquet of a table, but for its hash."""
    return isinstance(node, ast.Attribute) and node.attr == "parquet"


def names_a_table(node: ast.AST) -> bool:
    """The models that hold the document of a table, with all of its values."""
    return isinstance(node, ast.ImportFrom) and any(
        one.name in {"DataTable", "RevisionTable"} for one in node.names
    )


CASES: list[tuple[Found, dict[str, str]]] = [
    (
        names_a_way,
        {
            RULE: "decides",
            "exchange/catalog/models/products.py": "the database's own promise on important data",
            "exchange/catalog/products.py": "the usual way of each kind of product",
            "exchange/catalog/lifecycle.py": "where buyers go to a place of the seller's own",
            "exchange/catalog/open_data.py": "imported records are served elsewhere",
            "exchange/demo/": "seeds",
            "exchange/web/selling/forms.py": "the choices of a form",
            "exchange/web/product/offers.py": "each way in words",
        },
    ),
    (
        names_a_sensitive_grade,
        {
            RULE: "decides",
            "exchange/catalog/models/products.py": "the database's own promises",
            "exchange/catalog/lifecycle.py": "which grades two operators let onto the list",
            "exchange/demo/": "seeds",
        },
    ),
    (
        reads_a_value,
        {
            RULE: "cuts",
            "exchange/vault/masks.py": "masks personal columns",
            "exchange/catalog/facts.py": "renames columns wherever they stand",
            "exchange/catalog/differences.py": "compares what is stored; the rule cuts the difference",
            "exchange/delivery/comparing.py": "compares what is stored; values stand apart",
            "exchange/console/listing_readings.py": "takes a Disclosed",
            "exchange/web/charts/distributions.py": "draws columns of a Disclosed",
            "exchange/web/selling/dictionary.py": "the seller describes its own columns, masked",
            "exchange/web/product/evidence.py": "takes a Disclosed",
        },
    ),
    (
        names_a_table,
        {
            "exchange/vault/": "keeps them",
            "exchange/catalog/": "revisions consist of them",
            "exchange/api/vault.py": "masks what it shows of a file",
            "exchange/delivery/comparisons.py": "asks before it shows a value",
            "exchange/delivery/coverage.py": "names their downloads",
            "exchange/delivery/links.py": "the table that a link names",
            "exchange/delivery/models.py": "what was fetched",
            "exchange/orders/terms.py": "names, rows and hashes of what is bought",
            "exchange/web/selling/dictionary.py": "the form of a dictionary, masked",
            "exchange/web/selling/views_files.py": "counts and names of columns",
        },
    ),
    (
        takes_content,
        {
            "exchange/vault/": "keeps it",
            "exchange/catalog/search/entries.py": "asks before it gives a sample",
            "exchange/delivery/fetching.py": "what `covered_table` let through",
            "exchange/web/product/views.py": "what `sample_of` gave",
        },
    ),
    (
        takes_a_file,
        {
            "exchange/vault/": "keeps it",
            "exchange/delivery/comparisons.py": "reads it again",
            "exchange/delivery/coverage.py": "asks before it names a download",
            "exchange/delivery/fetching.py": "how long it is",
            "exchange/catalog/reactions.py": "its hash for the log",
            "exchange/orders/terms.py": "its hash for the terms",
            "exchange/web/documents/views.py": "its hash for the delivery note",
        },
    ),
]


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((PROJECT / "exchange").rglob("*.py")):
        if "migrations" not in path.parts:
            yield str(path.relative_to(PROJECT)), ast.parse(path.read_text())


def place_of(name: str, places: dict[str, str]) -> str:
    """The entry that speaks of a module: its own, or that of a room, which ends in a slash."""
    return next(
        (one for one in places if name == one or (one[-1] == "/" and name.startswith(one))), name
    )


@pytest.mark.parametrize(("found", "places"), CASES, ids=lambda one: getattr(one, "__name__", ""))
def test_nobody_else_decides_what_leaves(found: Found, places: dict[str, str]) -> None:
    doing = {name for name, tree in modules() if any(map(found, ast.walk(tree)))}
    assert {place_of(name, places) for name in doing} == set(places)


def test_a_disclosed_document_is_made_by_the_rule_alone() -> None:
    made = {
        name
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Disclosed"
    }
    assert made == {RULE}
