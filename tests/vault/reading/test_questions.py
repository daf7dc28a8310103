"""Where two readings fit, the reading takes the likelier one and asks; what was said is taken."""

from pathlib import Path

import pytest

from exchange.vault.reading import FileReading
from exchange.vault.reading.questions import (
    CELL_CHARS_SHOWN,
    NAMES_SHOWN,
    NO_ANSWERS,
    OPTIONS_MAX,
    QUESTIONS_MAX,
    ROWS_SHOWN,
    Answers,
    Asked,
    Option,
    Question,
    ask,
    bounded,
    gathered,
    in_doubt,
)
from tests.vault.reading.brought import brought, zipped

# Words of even length: read as Cyrillic or, two bytes a letter, as Chinese, each looks like a word.
CYRILLIC = "city;n\nМосква;1\nКазань;2\n"


def asked(read: FileReading) -> dict[tuple[str, str], Question]:
    return {(str(one.asked), one.place): one for one in read.questions}


def test_an_encoding_that_could_be_either_is_asked_with_both_readings_shown(tmp_path: Path) -> None:
    read = brought(tmp_path, CYRILLIC.encode("cp1251"))
    question = asked(read)["encoding", "brought"]
    shown = {one.value: one for one in question.options}
    assert {"cp1251", "gb18030"} <= set(shown)
    assert shown["cp1251"].names == ("city", "n")
    assert shown["cp1251"].rows == (("Москва", "1"), ("Казань", "2"))
    assert shown["gb18030"].rows != shown["cp1251"].rows
    assert (question.taken, question.is_answered) == (read.encoding, False)


@pytest.mark.parametrize("encoding", ["cp1251", "gb18030"])
def test_an_answer_decides_how_the_file_is_read(tmp_path: Path, encoding: str) -> None:
    said = Answers({(Asked.ENCODING, "brought"): encoding})
    read = brought(tmp_path, CYRILLIC.encode("cp1251"), answers=said)
    question = asked(read)["encoding", "brought"]
    assert (question.taken, question.is_answered, read.encoding) == (encoding, True, encoding)
    first = CYRILLIC.encode("cp1251").decode(encoding).split("\n")[1].split(";")[0]
    assert read.tables[0].preview.rows[0][0] == first


def test_a_question_shows_rows_of_which_the_readings_differ(tmp_path: Path) -> None:
    days = [f"{n:02}/{n:02}/2026" for n in range(1, 11)] + ["03/04/2026", "11/12/2026"]
    content = "day\tn\n" + "".join(f"{day}\t{n}\n" for n, day in enumerate(days))
    (question,) = brought(tmp_path, content).questions
    shown = {option.value: option.rows for option in question.options}
    assert shown["day_first"] == (("2026-04-03",), ("2026-12-11",))
    assert shown["month_first"] == (("2026-03-04",), ("2026-11-12",))


def test_an_answer_that_is_no_option_is_not_taken(tmp_path: Path) -> None:
    said = Answers({(Asked.ENCODING, "brought"): "utf-7", (Asked.ENCODING, "other"): "cp1251"})
    read = brought(tmp_path, CYRILLIC.encode("cp1251"), answers=said)
    assert not asked(read)["encoding", "brought"].is_answered


def test_what_is_clear_is_not_asked(tmp_path: Path) -> None:
    for number, text in enumerate((CYRILLIC, "town;n\nZürich;1\nMálaga;2\n")):
        folder = tmp_path / str(number)
        folder.mkdir()
        content = text.encode() if text is CYRILLIC else text.encode("cp1252")
        assert brought(folder, content).questions == ()


def test_each_member_of_an_archive_asks_for_itself(tmp_path: Path) -> None:
    content = CYRILLIC.encode("cp1251")
    said = Answers({(Asked.ENCODING, "b.csv"): "cp1251"})
    read = brought(tmp_path, zipped({"a.csv": content, "b.csv": content}), answers=said)
    assert {place: one.is_answered for (_what, place), one in asked(read).items()} == {
        "a.csv": False,
        "b.csv": True,
    }


def test_questions_have_a_size() -> None:
    options = [
        Option(str(n), "x" * 900, ("n" * 900,) * 40, (("c" * 900,) * 40,) * 40) for n in range(20)
    ]
    question = ask(Asked.TYPE, "a.csv / v", "?", options, likelier="19", answers=NO_ANSWERS)
    assert len(question.options) == OPTIONS_MAX
    assert question.options[-1].value == "19"
    (shown, *_rest) = question.options
    assert (len(shown.names), len(shown.rows), len(shown.rows[0])) == (
        NAMES_SHOWN, ROWS_SHOWN, NAMES_SHOWN,
    )  # fmt: skip
    assert {len(cell) for cell in shown.rows[0]} == {CELL_CHARS_SHOWN}
    assert bounded(question) == question
    many = [
        ask(Asked.TYPE, f"a.csv / {n // 2}", "?", options, likelier="0", answers=NO_ANSWERS)
        for n in range(4 * QUESTIONS_MAX)
    ]
    places = [one.place for one in gathered(many)]
    assert places == [f"a.csv / {n}" for n in range(QUESTIONS_MAX)]


def test_answers_come_back_from_json_and_unknown_ones_are_left_out() -> None:
    said = Answers({(Asked.HIDDEN, "a.xlsx"): "2", (Asked.DELIMITER, "a=b.csv"): ";"})
    assert Answers.of_rows(said.rows()) == said
    assert Answers.of_rows([("weather", "a.csv", "fine", [])]) == NO_ANSWERS


def test_a_table_with_an_open_question_has_no_quality_of_100(tmp_path: Path) -> None:
    content = "city,n\n" + "".join(f"Москва,{n}\n" for n in range(9))
    scores = []
    for number, said in enumerate((NO_ANSWERS, Answers({(Asked.ENCODING, "brought"): "cp1251"}))):
        folder = tmp_path / str(number)
        folder.mkdir()
        (table,) = brought(folder, content.encode("cp1251"), answers=said).tables
        usable = {one.dimension: one for one in table.quality.dimensions}["accessibility"]
        scores.append((usable.numerator, usable.denominator, table.quality.score))
    assert [one[:2] for one in scores] == [(0, 2), (2, 2)]
    assert float(scores[0][2]) < 100
    assert scores[1][2] == "100.00"


def test_a_question_about_one_column_doubts_that_one_alone() -> None:
    options = [Option("m", "m"), Option("mm", "mm")]
    names = ["at", "rain"]

    def doubted(place: str, said: Answers = NO_ANSWERS) -> frozenset[str]:
        asked = ask(Asked.TYPE, place, "?", options, likelier="m", answers=said)
        return in_doubt([asked], names)

    assert doubted("a.csv / rain") == {"rain"}
    assert doubted("a.csv") == {"at", "rain"}
    assert doubted("a.csv / rain", Answers({(Asked.TYPE, "a.csv / rain"): "m"})) == frozenset()
