"""What comes back from a reader is believed only as far as its types go."""

import json
from pathlib import Path
from typing import Any

import pytest

from exchange.vault.reading import errors, transport
from tests.vault.reading.brought import brought


@pytest.fixture
def said(tmp_path: Path) -> dict[str, Any]:
    read = brought(tmp_path, "meter,at,kwh\nM1,2026-01-01,2.5\nM2,2026-01-02,3.5\n" * 9)
    return dict(json.loads(json.dumps(transport.encode(read))))


def test_a_reading_comes_back_as_it_went(tmp_path: Path, said: dict[str, Any]) -> None:
    into = tmp_path / "into"
    back = transport.decode(said, into=into)
    assert json.loads(json.dumps(transport.encode(back))) == said
    assert back.tables[0].parquet == into / "table-0.parquet"
    assert back.tables[0].document()["columns"][2]["name"] == "kwh"


@pytest.mark.parametrize("name", ["../brought", "/etc/passwd", "..", "", "missing.parquet", "link"])
def test_a_file_of_its_own_folder_alone_is_taken(
    tmp_path: Path, said: dict[str, Any], name: str
) -> None:
    """A link would have us store, and give to its owner, what lies elsewhere."""
    (tmp_path / "into" / "link").symlink_to("/etc/passwd")
    said["tables"][0]["parquet"] = name
    with pytest.raises(transport.Forged):
        transport.decode(said, into=tmp_path / "into")


def test_a_second_name_of_another_file_is_not_taken(tmp_path: Path, said: dict[str, Any]) -> None:
    (tmp_path / "into" / "again").hardlink_to(tmp_path / "brought")
    said["tables"][0]["parquet"] = "again"
    with pytest.raises(transport.Forged):
        transport.decode(said, into=tmp_path / "into")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rows", "30"),
        ("rows", True),
        ("name", None),
        ("columns", {}),
        ("columns", [1]),
        ("quality", []),
    ],
)
def test_a_value_of_another_type_is_not_taken(
    tmp_path: Path, said: dict[str, Any], field: str, value: object
) -> None:
    said["tables"][0][field] = value
    with pytest.raises(transport.Forged):
        transport.decode(said, into=tmp_path / "into")


def test_a_question_comes_back_and_no_other_word_for_what_is_asked(tmp_path: Path) -> None:
    read = brought(tmp_path, "city;n\nМосква;1\nКазань;2\n".encode("cp1251"))
    said = json.loads(json.dumps(transport.encode(read)))
    assert transport.decode(said, into=tmp_path / "into").questions == read.questions
    for field, forged in (("asked", "weather"), ("asked", None), ("options", "none")):
        other = {**said, "questions": [{**said["questions"][0], field: forged}]}
        with pytest.raises(transport.Forged):
            transport.decode(other, into=tmp_path / "into")


def test_a_field_too_many_or_too_few_is_not_taken(tmp_path: Path, said: dict[str, Any]) -> None:
    forgeries: list[Any] = [{**said, "more": 1}, {"format": "csv"}, [], None]
    for forged in forgeries:
        with pytest.raises(transport.Forged):
            transport.decode(forged, into=tmp_path / "into")


def test_a_refusal_of_a_reading_comes_back_and_no_other() -> None:
    refusal = transport.decode_refusal(
        transport.encode_refusal(errors.LineTooLong("Too long.", line_bytes_max=4))
    )
    assert (refusal.code, refusal.message) == ("line_too_long", "Too long.")
    for forged in (
        {"code": "not_allowed", "message": "No.", "facts": {}},
        {"code": "empty_file", "message": 3, "facts": {}},
        {"code": "empty_file", "message": "No.", "facts": {"a": "b" * 9_000}},
        None,
    ):
        with pytest.raises(transport.Forged):
            transport.decode_refusal(forged)
