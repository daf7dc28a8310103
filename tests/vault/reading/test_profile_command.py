"""`manage.py profile` says what a file holds and keeps nothing."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

ROWS = "meter_id,read_at,kwh\nM1,2024-01-01 00:00,1.5\nM2,2024-01-01 01:00,2.5\n"


def printed(path: Path, *words: str) -> str:
    out = io.StringIO()
    call_command("profile", str(path), *words, stdout=out)
    return out.getvalue()


def test_json_holds_dictionary_profile_quality_and_findings(tmp_path: Path) -> None:
    (tmp_path / "readings").write_text(ROWS)
    document = json.loads(printed(tmp_path / "readings", "--json"))
    (table,) = document["tables"]
    assert (document["format"], document["compression"], table["rows"]) == ("csv", "none", 2)
    assert [one["type"] for one in table["columns"]] == ["text", "datetime", "decimal"]
    assert [one["column"] for one in table["findings"]] == ["meter_id"]
    assert table["quality"]["grade"] == "A"


def test_the_table_for_people_names_every_column(tmp_path: Path) -> None:
    (tmp_path / "readings").write_text(ROWS)
    said = printed(tmp_path / "readings")
    assert "readings: 2 rows, quality 100.00 (A)" in said
    assert "kwh" in said
    assert "personal: meter_id (usage_habits" in said


def test_a_refusal_is_said_with_its_code(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    with pytest.raises(CommandError, match=r"^empty_file: The file is empty\.$"):
        printed(tmp_path / "empty")
    with pytest.raises(CommandError, match="There is no file"):
        printed(tmp_path / "absent")


def test_questions_are_printed_and_answered(tmp_path: Path) -> None:
    path = tmp_path / "towns.csv"
    path.write_bytes("city;n\nМосква;1\nКазань;2\n".encode("cp1251"))
    (question,) = json.loads(printed(path, "--json"))["questions"]
    assert (question["asked"], question["place"]) == ("encoding", "towns.csv")
    assert "--answer 'encoding:towns.csv=cp1251'" in printed(path)
    document = json.loads(printed(path, "--json", "--answer", "encoding:towns.csv=cp1251"))
    assert document["encoding"] == "cp1251"
    assert document["questions"][0]["is_answered"] is True
    assert document["tables"][0]["preview"]["rows"][0] == ["Москва", "1"]


@pytest.mark.parametrize("word", ["encoding", "weather:a=b", "encoding:=cp1251"])
def test_an_answer_in_other_words_is_refused(tmp_path: Path, word: str) -> None:
    (tmp_path / "readings").write_text(ROWS)
    with pytest.raises(CommandError, match="is no answer"):
        printed(tmp_path / "readings", "--answer", word)


def test_an_answer_to_nothing_is_refused_with_what_was_asked(tmp_path: Path) -> None:
    (tmp_path / "readings").write_text(ROWS)
    with pytest.raises(CommandError, match="There are no questions"):
        printed(tmp_path / "readings", "--answer", "encoding:readings=cp1251")
