"""The shape of delimited text: how lines are cut, which one names the columns, what stands around them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from exchange.vault.reading.questions import Answers, Asked
from tests.vault.reading.brought import brought, columns, noted, only_table

CASES = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Right:
    """What an expert would read: names, rows, types by name, first values by name, notes."""

    names: tuple[str, ...]
    rows: int
    types: tuple[str, ...] = ()
    first: tuple[str | None, ...] = ()
    notes: tuple[str, ...] = ()


def lines(head: str, row: Callable[[int], str], count: int = 30) -> str:
    return head + "".join(row(number) + "\n" for number in range(count))


GIVEN = {
    "01_delimiter_decimal_comma.csv": Right(("Zeit", "kW"), 96, ("datetime", "decimal")),
    "03_delimiter_free_text.csv": Right(("id", "comment"), 60, ("integer", "text")),
    "05_rownames_short_header.txt": Right(
        ("column_1", "site", "power", "year"), 40, ("integer", "text", "decimal", "integer"),
        notes=("row_names",),
    ),
    "07_hash_header.csv": Right(("id", "name", "value"), 30, ("integer", "text", "integer")),
    "09_hours_header.csv": Right(("date", *map(str, range(1, 25))), 30),
    "11_headerless_registry.csv": Right(
        ("column_1", "column_2", "column_3", "column_4"), 60, ("date", "text", "text", "integer"),
        notes=("no_header",),
    ),
    "14_backslash_quotes.csv": Right(
        ("id", "name", "v"), 40, ("integer", "text", "integer"), ("0", 'say "hi", 0', "0")
    ),
    "15_delimiter_caret.csv": Right(("id", "name", "v"), 40, ("integer", "text", "integer")),
    "17_fixed_width.txt": Right(("STATION", "DATE", "TEMP"), 40, first=("S0000", None, None)),
    "18_repeated_header.csv": Right(("id", "v"), 60, ("integer", "integer"), notes=("repeated_headers",)),
    "01a_preamble.csv": Right(
        ("idImpianto", "Gestore", "Bandiera", "Tipo Impianto", "Nome Impianto", "Indirizzo",
         "Comune", "Provincia", "Latitudine", "Longitudine"), 40, notes=("title_lines",),
    ),
    "01b_sep_line.csv": Right(("meter", "kWh", "day"), 30, ("text", "decimal", "date"), notes=("sep_line",)),
    "01c_unit_row.csv": Right(("time", "pressure", "flow"), 24, notes=("unit_row",)),
    "02a_three_lines.csv": Right(("c0",), 2, first=("v0",)),
}  # fmt: skip

OWN = {
    "decimal commas below names with commas": (
        lines("Datum;Leistung, kW\n", lambda n: f"0{n % 9 + 1}.03.2026;{n},5"),
        Right(("Datum", "Leistung, kW"), 30, ("date", "decimal")),
    ),
    "decimal commas between bars": (
        lines("a|b|c\n", lambda n: f"x{n}|{n},25|{n},75"),
        Right(("a", "b", "c"), 30, ("text", "decimal", "decimal")),
    ),
    "decimal commas between tabs": (
        lines("t\tp\n", lambda n: f"2026-01-01 00:{n:02}\t1{n},5"),
        Right(("t", "p"), 30, ("datetime", "decimal")),
    ),
    "one column of decimal commas": (
        lines("kW\n", lambda n: f"{n},5"),
        Right(("kW",), 30, ("decimal",)),
    ),
    "free text with semicolons": (
        lines("id,remark\n", lambda n: f"{n},broken; repaired; tested {n}"),
        Right(("id", "remark"), 30, ("integer", "text")),
    ),
    "free text with blanks and bars": (
        lines("no;text\n", lambda n: f"{n};see a | b | c and {n}"),
        Right(("no", "text"), 30, ("integer", "text")),
    ),
    "text alone in quotes": (
        lines('"name","town"\n', lambda n: f'"Smith, John","Ulm, {n}"'),
        Right(("name", "town"), 30),
    ),
    "tildes": (
        lines("id~site~kwh\n", lambda n: f"{n}~S{n % 4}~{n}.5"),
        Right(("id", "site", "kwh"), 30, ("integer", "text", "decimal")),
    ),
    "double bars": (
        lines("id||site||kwh\n", lambda n: f"{n}||S{n % 4}||{n}.5"),
        Right(("id", "site", "kwh"), 30, ("integer", "text", "decimal")),
    ),
    "colons": (
        lines("id:site:kwh\n", lambda n: f"{n}:S{n % 4}:{n}.5"),
        Right(("id", "site", "kwh"), 30, ("integer", "text", "decimal")),
    ),
    "blanks": (
        lines("id site kwh\n", lambda n: f"{n} S{n % 4} {n}.5"),
        Right(("id", "site", "kwh"), 30, ("integer", "text", "decimal")),
    ),
    "control signs": (
        lines("id\x01site\x01kwh\n", lambda n: f"{n}\x01S{n % 4}\x01{n}.5"),
        Right(("id", "site", "kwh"), 30, ("integer", "text", "decimal")),
    ),
    "full-width commas": (
        lines("编号，站点，电量\n", lambda n: f"{n}，站{n % 4}，{n}.5"),
        Right(("编号", "站点", "电量"), 30, ("integer", "text", "decimal")),
    ),
    "exclamation marks": (
        lines("id!site!kwh\n", lambda n: f"{n}!S{n % 4}!{n}.5"),
        Right(("id", "site", "kwh"), 30, ("integer", "text", "decimal")),
    ),
    "runs of blanks, not aligned": (
        lines("id   site  kwh\n", lambda n: f"{n}  S{n % 4}    {n}.5"),
        Right(("id", "site", "kwh"), 30, ("integer", "text", "decimal")),
    ),
    "two blanks between, one inside": (
        lines("id  site name  kwh\n", lambda n: f"{n}  Power Plant {'x' * (n % 5 + 1)}  {n}.5"),
        Right(("id", "site name", "kwh"), 30, ("integer", "text", "decimal")),
    ),
    "fixed width with blanks inside and cells missing": (
        lines(
            "Station name  Day        Level\n",
            lambda n: f"{('North Sea', 'Old Mill', 'Kiel')[n % 3]:<14}2026-01-{n % 28 + 1:02} "
            f"{'' if n % 7 == 3 else format(n / 2, '5.1f'):>6}",
        ),
        Right(("Station name", "Day", "Level"), 30, ("text", "date", "decimal")),
    ),
    "fixed width, blanks of names and cells one above the other": (
        lines(
            "CLERK       MAX TEMP  NOTE\n",
            lambda n: f"{('ANN LEE', 'BOB ORR')[n % 2]:<12}{n / 2:>8.1f}{'' if n % 2 else '  ok'}",
        ),
        Right(("CLERK", "MAX TEMP", "NOTE"), 30, ("text", "decimal", "text")),
    ),
    "fixed width under a ruler": (
        lines(
            "site      kwh   day\n--------  ----  ----------\n",
            lambda n: f"S{n:<8} {n:>4}  2026-01-{n % 28 + 1:02}",
        ),
        Right(("site", "kwh", "day"), 30, ("text", "integer", "date")),
    ),
    "names of rows in R, blanks": (
        lines('"site" "power"\n', lambda n: f'"{n + 1}" "S {n % 3}" {n}.5'),
        Right(("column_1", "site", "power"), 30, ("integer", "text", "decimal"), notes=("row_names",)),
    ),
    "names of rows in R, commas and words": (
        lines("mpg,cyl,disp\n", lambda n: f"Car {n},{n}.5,{n % 3 + 4},{100 + n}"),
        Right(("column_1", "mpg", "cyl", "disp"), 30, notes=("row_names",)),
    ),
    "rows that end in a delimiter": (
        lines("a,b\n", lambda n: f"x{n},{n},"),
        Right(("a", "b"), 30, ("text", "integer")),
    ),
    "names that end in a delimiter": (
        lines("a,b,\n", lambda n: f"x{n},{n}"),
        Right(("a", "b"), 30, ("text", "integer")),
    ),
    "hash names with a blank, below remarks": (
        lines("# logger 7\n# id;name;value\n", lambda n: f"{n};n{n};{n}.5"),
        Right(("id", "name", "value"), 30, ("integer", "text", "decimal")),
    ),
    "hash names with tabs": (
        lines("#chrom\tpos\tref\n", lambda n: f"chr{n % 3}\t{n * 7}\tA"),
        Right(("chrom", "pos", "ref"), 30, ("text", "integer", "text")),
    ),
    "a name that is a hash": (
        lines("#,name,value\n", lambda n: f"{n},n{n},{n}.5"),
        Right(("#", "name", "value"), 30, ("integer", "text", "decimal")),
    ),
    "years as names": (
        lines("region,2019,2020,2021\n", lambda n: f"R{n},{n * 3},{n * 5 + 1},{n * 4}"),
        Right(("region", "2019", "2020", "2021"), 30),
    ),
    "clock times as names": (
        lines("meter,00:00,00:15,00:30\n", lambda n: f"M{n},{n}.1,{n}.2,{n}.7"),
        Right(("meter", "00:00", "00:15", "00:30"), 30),
    ),
    "wavelengths as names": (
        lines("sample;400.5;401;401.5;402\n", lambda n: f"s{n};0.{n + 1};0.4;0.{n + 9};0.3"),
        Right(("sample", "400.5", "401", "401.5", "402"), 30),
    ),
    "hours from zero as names": (
        lines("Datum;0;1;2;3;4;5\n", lambda n: f"{n % 28 + 1:02}.01.2026;5;{n};9;{n + 4};8;2"),
        Right(("Datum", "0", "1", "2", "3", "4", "5"), 30),
    ),
    "months as names": (
        lines("plant,2026-01,2026-02,2026-03\n", lambda n: f"P{n},{n},{n + 5},{n + 2}"),
        Right(("plant", "2026-01", "2026-02", "2026-03"), 30),
    ),
    "no names, codes and numbers": (
        lines("", lambda n: f"M{n:03};{n}.5;on"),
        Right(("column_1", "column_2", "column_3"), 30, ("text", "decimal", "text"), notes=("no_header",)),
    ),
    "no names, times first": (
        lines("", lambda n: f"2026-01-01 10:{n:02}\tpump {n % 3}\t{n}"),
        Right(("column_1", "column_2", "column_3"), 30, ("datetime", "text", "integer"), notes=("no_header",)),
    ),
    "no names, codes alone": (
        lines("", lambda n: f"A{n:03},B{n % 5}"),
        Right(("column_1", "column_2"), 30, notes=("no_header",)),
    ),
    "no names, words that come again": (
        lines("", lambda n: f"{('red', 'green')[n % 2]},{('up', 'down', 'left')[n % 3]}"),
        Right(("column_1", "column_2"), 30, notes=("no_header",)),
    ),
    "backslashes before quotes, semicolons": (
        lines('a;b\n', lambda n: f'"pipe 6\\" wide; {n}";{n}'),
        Right(("a", "b"), 30, ("text", "integer"), ('pipe 6" wide; 0', "0")),
    ),
    "a few backslashes before quotes, missing cells as backslash-N": (
        lines(
            '"id","note","v"\n',
            lambda n: (
                f'"{n}",' + (f'"say \\"{n}, no\\""' if n % 9 == 4 else '"none"') + f',{chr(92) + "N" if n % 2 else n}'
            ),
        ),
        Right(("id", "note", "v"), 30, ("integer", "text", "integer"), ("0", "none", "0")),
    ),
    "paths in doubled quotes": (
        lines('a,b\n', lambda n: f'"C:\\dir\\ ""x"" {n}",{n}'),
        Right(("a", "b"), 30, ("text", "integer"), ('C:\\dir\\ "x" 0', "0")),
    ),
    "paths that end in a backslash": (
        lines('a,b\n', lambda n: f'"C:\\dir\\{n}",{n}'),
        Right(("a", "b"), 30, ("text", "integer"), ("C:\\dir\\0", "0")),
    ),
    "single quotes": (
        lines("'id','text'\n", lambda n: f"'{n}','one, two {n}'"),
        Right(("id", "text"), 30, ("integer", "text"), ("0", "one, two 0")),
    ),
    "several titles and a blank line": (
        lines(
            "Energy report\nprinted 2026-03-01\n\nsite;kwh;day\n",
            lambda n: f"S{n};{n}.5;2026-01-{n % 28 + 1:02}",
        ),
        Right(("site", "kwh", "day"), 30, ("text", "decimal", "date"), notes=("title_lines",)),
    ),
    "titles filled up with delimiters": (
        lines(
            "Report on meters,,,\nArea,North,,\n,,,\nmeter,kwh,day,state\n",
            lambda n: f"M{n},{n}.5,2026-01-{n % 28 + 1:02},ok",
        ),
        Right(("meter", "kwh", "day", "state"), 30, notes=("title_lines",)),
    ),
    "a title over two columns": (
        lines("Messwerte 2026\nZeit;kW\n", lambda n: f"01.01.2026 00:{n:02};{n},5"),
        Right(("Zeit", "kW"), 30, ("datetime", "decimal"), notes=("title_lines",)),
    ),
    "a title in Chinese": (
        lines("广州用电报表\n户号,日期,电量\n", lambda n: f"H{n},2026-01-{n % 28 + 1:02},{n}.5"),
        Right(("户号", "日期", "电量"), 30, ("text", "date", "decimal"), notes=("title_lines",)),
    ),
    "keys and values over the table": (
        lines(
            "Station,Kiel\nLatitude,54.3\nPeriod,2026-01-01,2026-01-31\ntime,temp,wind,rain,sun\n",
            lambda n: f"2026-01-01 {n % 24:02}:00,{n}.5,{n},0,{n % 9}",
        ),
        Right(("time", "temp", "wind", "rain", "sun"), 30, notes=("title_lines",)),
    ),
    "sep with a comma": (
        lines('"sep=,"\na,b\n', lambda n: f"x{n},{n}"),
        Right(("a", "b"), 30, ("text", "integer"), notes=("sep_line",)),
    ),
    "sep with a caret": (
        lines("SEP=^\r\na^b\r\n", lambda n: f"x; {n}^{n}\r"),
        Right(("a", "b"), 30, ("text", "integer"), notes=("sep_line",)),
    ),
    "units in brackets": (
        lines("time;U;I\n[s];[V];[A]\n", lambda n: f"{n};{230 + n}.5;{n}.25"),
        Right(("time", "U", "I"), 30, ("integer", "decimal", "decimal"), notes=("unit_row",)),
    ),
    "units in Chinese": (
        lines("时间,功率,电量\n,千瓦,千瓦时\n", lambda n: f"2026-01-01 00:{n:02},{n}.5,{n}"),
        Right(("时间", "功率", "电量"), 30, ("datetime", "decimal", "integer"), notes=("unit_row",)),
    ),
    "names again, every third row": (
        lines("meter,at,kwh\n", lambda n: "meter,at,kwh" if n % 3 == 2 else f"M{n},2026-01-02,{n}.5"),
        Right(("meter", "at", "kwh"), 20, ("text", "date", "decimal"), notes=("repeated_headers",)),
    ),
    "names again, twice": (
        lines("a;b\n", lambda n: "a;b" if n in {9, 20} else f"x{n};{n}"),
        Right(("a", "b"), 28, ("text", "integer"), notes=("repeated_headers",)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GIVEN)
def test_a_given_case_is_read_as_an_expert_would(tmp_path: Path, name: str) -> None:
    check(tmp_path, (CASES / name).read_bytes(), GIVEN[name])


@pytest.mark.parametrize("name", OWN)
def test_others_of_the_kind_are_read_alike(tmp_path: Path, name: str) -> None:
    content, right = OWN[name]
    check(tmp_path, content, right)


def check(folder: Path, content: bytes | str, right: Right) -> None:
    table = only_table(folder, content)
    assert tuple(columns(table)) == right.names
    assert table.rows == right.rows
    if right.types:
        assert tuple(one.type for one in table.columns) == right.types
    if right.first:
        told = zip(table.preview.rows[0], right.first, strict=True)
        assert all(first is None or cell == first for cell, first in told)
    assert set(right.notes) <= set(noted(table))


def test_a_row_of_units_gives_the_columns_their_units(tmp_path: Path) -> None:
    table = only_table(tmp_path, (CASES / "01c_unit_row.csv").read_bytes())
    units = [(one.type, one.unit) for one in table.columns[1:]]
    assert units == [("decimal", "MPa"), ("integer", "m3/h")]


@pytest.mark.parametrize(
    "content",
    [
        "the quick brown fox\njumps over the lazy dog\nand is gone\n",
        "unit name\nBlock 1\nBlock 2\nBlock 3\n",
        "time\n12:30\n12:45\n13:00\n",
        "comment\nyes, of course\nno\nperhaps, but not today, thanks\n",
    ],
)
def test_what_no_delimiter_cuts_stays_one_column(tmp_path: Path, content: str) -> None:
    assert len(brought(tmp_path, content).tables[0].columns) == 1


CODES = "".join(f"A{n:03},B{n + 7:03}\n" for n in range(30))


@pytest.mark.parametrize(("said", "rows"), [(None, 30), ("names", 29), ("data", 30)])
def test_codes_alone_are_asked_whether_the_first_row_names_them(
    tmp_path: Path, said: str | None, rows: int
) -> None:
    answers = Answers({(Asked.HEADER, "brought"): said} if said else {})
    read = brought(tmp_path, CODES, answers=answers)
    (question,) = read.questions
    assert (question.asked, question.is_answered) == (Asked.HEADER, said is not None)
    assert {one.value for one in question.options} == {"names", "data"}
    assert read.tables[0].rows == rows


def test_one_column_is_said(tmp_path: Path) -> None:
    table = only_table(tmp_path, "the quick brown fox\njumps over the dog\nand is gone\n")
    assert "one_column" in noted(table)


def test_a_table_written_again_keeps_every_cell_of_even_and_uneven_rows(tmp_path: Path) -> None:
    text = (
        "id,place,kwh\r\n"
        "1,north,4.5\r\n"
        '2,"a ""big"" house,\nby the sea",5.5\r\n'
        "3,south\r\n"
        "\r\n"
        '4,5" pipe,6.5\r\n'
        "id,place,kwh\r\n"
        "5,,7.5,late\r\n"
        "6,east, 8.5 \r\n"
    )
    table = only_table(tmp_path, text)

    assert table.preview.rows == (
        ("1", "north", "4.5", None),
        ("2", 'a "big" house,\nby the sea', "5.5", None),
        ("3", "south", None, None),
        ("4", '5" pipe', "6.5", None),
        ("5", None, "7.5", "late"),
        ("6", "east", "8.5", None),
    )
    assert {"short_rows": 1, "long_rows": 1, "repeated_headers": 1}.items() <= noted(table).items()
