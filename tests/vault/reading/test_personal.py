"""Personal data is found by its values, wherever in a cell it stands, and nothing else is taken for it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from exchange.vault.masks import MASK, found_in, masked, masked_sample
from exchange.vault.reading.documents import TableReading
from exchange.vault.reading.personal_values import is_card, is_iban
from tests.vault.reading.brought import only_table

ROWS = 60
Cell = Callable[[int], str]


def with_luhn(body: str) -> str:
    return next(f"{body}{last}" for last in range(10) if is_card(f"{body}{last}"))


def an_iban(number: int) -> str:
    bodies = (f"GB{check:02d}WEST123456{number:08d}" for check in range(2, 99))
    return next(one for one in bodies if is_iban(one))


def an_identity(number: int) -> str:
    body = (
        f"110105{1950 + number % 50}{1 + number % 12:02d}{1 + number % 28:02d}{number % 1000:03d}"
    )
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(d) * w for d, w in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


def mobile(number: int) -> str:
    return f"1{3 + number % 7 % 2}8{number * 7919 % 100_000_000:08d}"


HELD: dict[str, tuple[Cell, str]] = {
    "phone in a sentence": (lambda n: f"请致电 {mobile(n)} 联系" if n % 3 == 0 else "无事", "phone"),
    "phone as a decimal": (lambda n: f"{mobile(n)}.0", "phone"),
    "phone as a whole number": (mobile, "phone"),
    "phone with the country's code": (lambda n: f"+86 {mobile(n)}", "phone"),
    "phone with zeros": (lambda n: f"0086-{mobile(n)}", "phone"),
    "phone with a prefix": (lambda n: f"tel:{mobile(n)}", "phone"),
    "phone in groups": (lambda n: f"{mobile(n)[:3]}-{mobile(n)[3:7]}-{mobile(n)[7:]}", "phone"),
    "phone in full-width digits": (lambda n: "".join(chr(ord(d) + 0xFEE0) for d in mobile(n)), "phone"),
    "phone in JSON": (lambda n: json.dumps({"id": n, "p": {"m": mobile(n)}}), "phone"),
    "phone of Germany": (lambda n: f"+49 171 {2345600 + n}", "phone"),
    "phone of Germany at home, in a sentence": (
        lambda n: f"bitte 0171 {2345600 + n} anrufen" if n % 4 == 0 else "erledigt", "phone",
    ),
    "phone of Britain at home": (lambda n: f"call 07700 900{100 + n}", "phone"),
    "phone of France at home": (lambda n: f"joindre au 06 12 34 {n // 10:02d} {n % 10:02d}", "phone"),
    "phone of Japan at home": (lambda n: f"090-1234-{1000 + n} まで", "phone"),
    "phone of India at home": (lambda n: f"98765 {43000 + n}", "phone"),
    "phone of America": (lambda n: f"call (415) 555-{1000 + n}", "phone"),
    "identity number": (an_identity, "identity_number"),
    "identity number with a prefix": (lambda n: f"ID:{an_identity(n)}", "identity_number"),
    "identity number with letters": (lambda n: f"CN{an_identity(n)}", "identity_number"),
    "identity number in a sentence": (lambda n: f"证件{an_identity(n)}已验" if n == 7 else "未验", "identity_number"),
    "social security number": (lambda n: f"{100 + n}-{10 + n}-{1000 + n}", "identity_number"),
    "mail at a low share": (lambda n: f"u{n}@mail.example" if n == 7 else f"nick_{n}", "email"),
    "mail in JSON": (lambda n: json.dumps({"to": f"u{n}@mail.example"}), "email"),
    "mail with a full-width sign": (lambda n: f"u{n}＠mail.example", "email"),
    "bank account": (an_iban, "bank_account"),
    "bank account in groups": (lambda n: " ".join(an_iban(n)[at : at + 4] for at in range(0, 22, 4)), "bank_account"),
    "bank account in a sentence": (lambda n: f"pay to {an_iban(n)}" if n % 20 == 0 else "cash", "bank_account"),
    "card": (lambda n: with_luhn(f"411111{n:09d}"), "payment_card"),
    "card in groups": (lambda n: f"5500 0000 {n:04d} 0004", "payment_card"),
    "card in a sentence": (lambda n: f"card {with_luhn(f'411111{n:09d}')}!", "payment_card"),
    "network address": (lambda n: f"10.0.{n}.{n + 1}", "network_address"),
    "network address in a log": (lambda n: f"GET / from 192.168.{n}.7" if n % 9 == 0 else "GET /", "network_address"),
    "long network address": (lambda n: f"2001:db8::{n + 1:x}:8a2e:370:7334", "network_address"),
    "hardware address": (lambda n: f"00:1a:2b:3c:4d:{n:02x}", "device_id"),
    "hardware address with points": (lambda n: f"001a.2b3c.4d{n:02x}", "device_id"),
    "name with a title": (lambda n: ["Mr John Smith", "Mrs Mary Jones", "Dr Peter Brown"][n % 3], "person_name"),
    "plate": (lambda n: f"粤B{n:05d}", "plate"),
    "plate in a sentence": (lambda n: f"车辆京A·{n:05d}进场" if n % 9 == 0 else "空", "plate"),
    "plate of Germany": (lambda n: f"M-AB {1000 + n}", "plate"),
    "chassis": (lambda n: f"WVWZZZ1KZAW{100000 + n}", "vehicle_number"),
    "name": (lambda n: ["John Smith", "Mary Jones", "Li Wei", "Anna Müller", "Jean Dupont"][n % 5], "person_name"),
    "name with a digit": (lambda n: f"{['张伟', '王芳', '李娜', '刘洋'][n % 4]}{n}", "person_name"),
    "name with a digit, in letters": (lambda n: f"{['John Smith', 'Ivan Petrov', 'Maria Garcia'][n % 3]} {n}", "person_name"),
    "name in JSON": (lambda n: json.dumps({"name": ["张伟", "王芳", "李娜"][n % 3]}, ensure_ascii=False), "person_name"),
    "name after its word": (lambda n: f"联系人：{['张伟', '王芳', '李娜'][n % 3]}", "person_name"),
}  # fmt: skip
EMPTY: dict[str, tuple[str, Cell]] = {
    "drivers of databases": ("driver", lambda n: ("odbc", "jdbc", "native", "adbc")[n % 4]),
    "drivers of devices": ("Driver", lambda n: ("Modbus-RTU", "OPC UA", "IEC104", "mqtt", "Manual")[n % 5]),
    "tracks of a road": ("track", lambda n: ("LEFT", "RIGHT", "MIDDLE")[n % 3]),
    "accounts of a machine": ("login", lambda n: ("root", "daemon", "backup", "www")[n % 4]),
    "addresses of a store": ("adresse", lambda n: ("A1", "B2", "C3", "D4")[n % 4]),
    "grid of a network": ("grid", lambda n: ("110kV", "220kV", "380kV")[n % 3]),
    "sums in groups": ("summe", lambda n: f"{612 + n} 345 678"),
    "versions": ("firmware_version", lambda n: f"10.0.{n}.{n + 1}"),
    "codes of eleven digits": ("code", lambda n: f"A{(n * 7_919_777_173 + 10**9) % 10**11:011d}"),
    "numbers of eleven digits": ("meter", lambda n: str(20_000_000_000 + n * 7919)),
    "order numbers of eighteen digits": ("order", lambda n: f"{(n * 7_919_777_173_331 + 4 * 10**17) % 10**18}"),
    "orders of sixteen digits": ("order_no", lambda n: f"T{(n * 7_919_777_173_331 + 8 * 10**15) % 10**16:016d}"),
    "times": ("at", lambda n: f"2026-01-01 10:{n:02d}:00"),
    "times without signs": ("stamp", lambda n: f"20260101{n % 24:02d}0000"),
    "moments in milliseconds": ("epoch", lambda n: str(1_760_000_000_000 + n * 900_000)),
    "answers": ("PhoneService", lambda n: ("Yes", "No")[n % 2]),
    "types of addresses": ("Address Type", lambda n: ("ADDRESS", "INTERSECTION")[n % 2]),
    "states": ("Shipping State", lambda n: ("AR", "TX", "CA")[n % 3]),
    "levels": ("电压等级", lambda n: ("高压", "低压")[n % 2]),
    "cities": ("城市", lambda n: ("苏州", "郑州", "徐州", "金华", "江门", "石家庄", "温州", "常德")[n % 8]),
    "cities in letters": ("site", lambda n: ("San Jose", "New York", "Los Angeles", "St Louis", "Boston")[n % 5]),
    "classes of mail": ("Mail class", lambda n: ("first", "second")[n % 2]),
    "track conditions": ("track_condition", lambda n: ("wet", "dry", "icy")[n % 3]),
    "measures of tracks": ("track_radius", lambda n: str(300 + n % 60 * 25)),
    "what it is made of": ("材料", lambda n: ("金属", "石油", "白色", "黄色", "方形")[n % 5]),
    "whether mail may be sent": ("email_opt_in", lambda n: ("true", "false")[n % 2]),
    "kinds of cards": ("card_type", lambda n: ("visa", "amex", "jcb")[n % 3]),
    "makers": ("maker", lambda n: ("Siemens AG", "Hitachi Ltd", "General Electric", "State Grid")[n % 4]),
    "part numbers": ("part", lambda n: f"{100 + n}-{200 + n}-{n % 10}"),
    "positions that are hashes": ("sha1", lambda n: f"{n * 7_919_777_173_331_123_457:040x}"),
    "substances": ("cas", lambda n: f"{7000 + n}-18-{n % 10}"),
    "ranges": ("range", lambda n: f"{n * 10}-{n * 10 + 9}"),
    "prices with signs": ("delta", lambda n: f"+{n}.5%"),
    "addresses of a bus": ("bus_address", lambda n: f"0x{n:04x}"),
    "versions of programs": ("tool", lambda n: f"v1.{n}.0.{n}"),
    "stores of programs": ("repo", lambda n: f"git@code.example:a/{n}.git"),
    "places on the web": ("link", lambda n: f"https://example.org/data/{n:06d}/file.csv"),
}  # fmt: skip


def of_cells(folder: Path, header: str, cells: list[str]) -> TableReading:
    quoted = ('"' + cell.replace('"', '""') + '"' for cell in cells)
    rows = "".join(f"{n},{cell}\n" for n, cell in enumerate(quoted))
    return only_table(folder, f"n,{header}\n{rows}")


@pytest.mark.parametrize("what", HELD)
def test_it_is_found_and_not_shown(tmp_path: Path, what: str) -> None:
    cell_of, kind = HELD[what]
    table = of_cells(tmp_path, "c1", [cell_of(n) for n in range(ROWS)])
    assert {(one.column.removesuffix("__text"), one.kind) for one in table.findings} == {
        ("c1", kind)
    }
    document = table.document()
    (column,) = [
        one for one in masked(document, found_in(document))["columns"] if one["name"] == "c1"
    ]
    assert (column["nulls"], column["distinct"], column["min"], column["top"]) == (
        0,
        None,
        None,
        [],
    )
    shown = json.dumps(masked(document, found_in(document)), ensure_ascii=False)
    hidden = [one["name"].startswith("c1") for one in document["columns"]]
    assert table.sample is not None
    sample = b"".join(masked_sample(table.sample.open("rb"), hidden)).decode()
    assert MASK in shown
    assert MASK in sample
    for n in range(ROWS):
        plain = json.dumps(cell_of(n), ensure_ascii=False)[1:-1]
        assert plain not in shown
        assert cell_of(n) not in sample


@pytest.mark.parametrize("what", EMPTY)
def test_nothing_is_taken_for_it(tmp_path: Path, what: str) -> None:
    header, cell_of = EMPTY[what]
    table = of_cells(tmp_path, header, [cell_of(n) for n in range(ROWS)])
    assert table.findings == ()


def test_every_column_that_tells_a_masked_position_is_masked(tmp_path: Path) -> None:
    rows = "".join(
        f"{n},2026-01-01 10:{n:02d}:00,31.2{n:02d},121.4{n:02d},POINT (121.4{n:02d} 31.2{n:02d}),"
        f"1121{n:03d},231{n:03d}\n"
        for n in range(40)
    )
    header = "id,time,Latitude,Longitude,Location,X Coordinate,Y Coordinate\n"
    table = only_table(tmp_path, header + rows)
    assert [one.column for one in table.findings] == [
        "Latitude", "Longitude", "Location", "X Coordinate", "Y Coordinate",
    ]  # fmt: skip
    document = masked(table.document(), found_in(table.document()))
    assert document["coverage"]["region"] is None
    assert "121.4" not in json.dumps(document)


@pytest.mark.parametrize(
    "cell_of",
    [lambda n: f"D{n % 9}", lambda n: ("Kowalski", "Nowak", "Lewandowski")[n % 3]],
    ids=["numbers", "family names"],
)
def test_who_drives_is_found_by_a_number_or_a_name(tmp_path: Path, cell_of: Cell) -> None:
    (finding,) = of_cells(tmp_path, "driver", [cell_of(n) for n in range(ROWS)]).findings
    assert finding.kind in {"device_id", "person_name"}


@pytest.mark.parametrize(
    ("header", "cell_of"),
    [
        ("position", lambda n: f"31°{n:02d}'12.5\"N"),
        ("position", lambda n: f"北31°{n:02d}′12″"),
        ("where", lambda n: f"31.23{n:02d}°N, 121.47{n:02d}°E"),
        ("where", lambda n: f"N31.23{n:02d} E121.47{n:02d}"),
        ("code", lambda n: f"8FVC9G{23 + n % 7}+{'2345679C'[n % 8]}X"),
        ("mgrs", lambda n: f"51RUQ{10000 + n}{40000 + n}"),
    ],
    ids=[
        "degrees",
        "degrees in Chinese",
        "hemispheres behind",
        "hemispheres before",
        "plus code",
        "grid",
    ],
)
def test_a_position_is_known_however_it_is_written(
    tmp_path: Path, header: str, cell_of: Cell
) -> None:
    rows = "".join(
        f'2026-01-01 10:{n:02d}:00,"{cell_of(n).replace(chr(34), chr(34) * 2)}"\n'
        for n in range(40)
    )
    (finding,) = only_table(tmp_path, f"time,{header}\n{rows}").findings
    assert (finding.column, finding.kind) == (header, "position")


@pytest.mark.parametrize(
    ("north", "east"),
    [
        ("Breitengrad", "Längengrad"),
        ("latitud", "longitud"),
        ("широта", "долгота"),
        ("緯度", "經度"),
    ],
)
def test_latitude_and_longitude_are_known_in_other_languages(
    tmp_path: Path, north: str, east: str
) -> None:
    rows = "".join(f"2026-01-01 10:{n:02d}:00,31.2{n:02d},121.4{n:02d}\n" for n in range(40))
    found = only_table(tmp_path, f"time,{north},{east}\n{rows}").findings
    assert [(one.column, one.kind) for one in found] == [(north, "position"), (east, "position")]


def test_points_of_things_that_stand_are_no_tracks(tmp_path: Path) -> None:
    rows = "".join(f"S{n},POINT (121.4{n:02d} 31.2{n:02d}),{n},{n}\n" for n in range(20))
    assert only_table(tmp_path, f"station,geometry,x,y\n{rows}").findings == ()


@pytest.mark.parametrize(
    "header",
    [
        "born", "date_of_birth", "DOB", "出生日期", "Geburtsdatum", "date_naissance", "Date de Naissance",
        "fecha_nacimiento", "дата рождения", "生年月日", "Födelsedatum",
    ],
)  # fmt: skip
def test_a_date_of_birth_is_known_by_its_name(tmp_path: Path, header: str) -> None:
    days = [f"19{60 + n % 40}-0{1 + n % 9}-1{n % 9}" for n in range(ROWS)]
    (finding,) = of_cells(tmp_path, header, days).findings
    assert finding.kind == "birth_date"


def test_what_is_covered_is_not_told_by_a_date_of_birth(tmp_path: Path) -> None:
    rows = "".join(
        f"19{40 + n % 50}-01-{10 + n % 19},2026-01-{1 + n % 28:02d},{n}\n" for n in range(100)
    )
    time = only_table(tmp_path, f"birth_date,visit,v\n{rows}").time
    assert time is not None
    assert (time.column, time.start) == ("visit", "2026-01-01")
