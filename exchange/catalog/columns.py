"""Columns of a table's document: renaming them everywhere, and describing them as once before."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

Document = Mapping[str, Any]


def rename_columns(document: dict[str, Any], names: Mapping[str, str]) -> None:
    """Put new names wherever the document names a column. `original_name` keeps that of the data."""
    for column in document["columns"]:
        column["name"] = names.get(str(column["name"]), column["name"])
    for finding in document.get("findings") or []:
        finding["column"] = names.get(str(finding["column"]), finding["column"])
    preview = document.get("preview")
    if preview:
        preview["columns"] = [names.get(str(one), one) for one in preview["columns"]]
    coverage = document.get("coverage") or {}
    if coverage.get("time"):
        time = coverage["time"]
        time["column"] = names.get(str(time["column"]), time["column"])
    if coverage.get("region"):
        region = coverage["region"]
        region["columns"] = [names.get(str(one), one) for one in region["columns"]]


def original_name(column: Document) -> str:
    """The name in the data, which stays when a seller renames the column in the dictionary."""
    return str(column.get("original_name") or column["name"])


def inherited(
    read: Document, before: Sequence[tuple[Document, Mapping[str, Any]]]
) -> dict[str, Any]:
    """`document` and `decisions` of a table that was read, with the names, units, descriptions and
    answers that the tables before gave to columns of the same name in the data and the same type.
    """
    known = {
        (original_name(column), column["type"]): (column, decisions.get(column["name"]))
        for document, decisions in before
        for column in document["columns"]
    }
    document = copy.deepcopy(dict(read))
    names: dict[str, str] = {}
    decisions: dict[str, Any] = {}
    found = {str(finding["column"]) for finding in document.get("findings") or []}
    for column in document["columns"]:
        old, decision = known.get((original_name(column), column["type"]), (None, None))
        if old is None:
            continue
        column["description"] = old.get("description") or column.get("description") or ""
        column["unit"] = old.get("unit") or column.get("unit")
        names[str(column["name"])] = str(old["name"])
        if decision is not None and column["name"] in found:
            decisions[str(old["name"])] = decision
    taken = [names.get(str(one["name"]), str(one["name"])) for one in document["columns"]]
    if len(set(taken)) == len(taken):
        rename_columns(document, names)
    return {"document": document, "decisions": decisions}
