"""Files made to harm: each is refused with its reason, our process lives, and nothing stays on disk.

Cases H1 and, of L, the long line: read through the process that reads every file of a stranger.
"""

import contextlib
import gzip
import io
import json
import os
import random
import signal
import socket
import tarfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import mkdtemp
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exchange.vault import reading_child, reading_process
from exchange.vault.reading import Limits, Progress, errors
from exchange.vault.reading_process import Budget
from tests.vault.reading.brought import zipped

MIB = 2**20
SHEET = """<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<dimension ref="A1"/><sheetData>{rows}</sheetData></worksheet>"""
PARTS = {
    "[Content_Types].xml": """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/></Types>""",
    "_rels/.rels": """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Target="xl/workbook.xml" Type=
"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>""",
    "xl/workbook.xml": """<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": """<Relationships xmlns=
"http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type=
"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
Target="worksheets/sheet1.xml"/></Relationships>""",
}


def workbook_of(
    *cells: str,
    before: str = "",
    written: str = 'r="{}"',
    holds: str = "<v>1</v>",
    parts: Mapping[str, str] | None = None,
) -> bytes:
    """A workbook with a one, or what each of these cells `holds`, each in a row of its own."""
    rows = "".join(f"<row><c {written.format(cell)}>{holds}</c></row>" for cell in cells)
    sheet = {"xl/worksheets/sheet1.xml": before + SHEET.format(rows=rows)}
    return zipped({**PARTS, **sheet, **(parts or {})})


def read(folder: Path, content: bytes, budget: Budget | None = None) -> str:
    """What the reading of `content` ends with: the code of its refusal, or its format."""
    path = folder / "brought"
    path.write_bytes(content)
    into = folder / "into"
    into.mkdir()
    try:
        return reading_process.read(path, name="brought", into=into, budget=budget).format
    except errors.Unreadable as refusal:
        return refusal.code if refusal.message.endswith(".") else "no sentence"


def test_an_honest_workbook_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, workbook_of("B2", "B3", "B4")) == "xlsx"


@pytest.mark.parametrize("far", ["XFD1048576", "ALL200000", "A1048576,XFD1"])
def test_two_cells_in_the_corners_of_a_sheet_do_not_become_all_between(
    tmp_path: Path, far: str
) -> None:
    content = workbook_of("A1", *far.split(","))
    assert len(content) < 3_000
    assert read(tmp_path, content) == "unreadable_spreadsheet"


def test_a_reader_that_dies_is_a_refusal_and_the_next_file_is_read(tmp_path: Path) -> None:
    """Written so that the look at the cells does not see it: the library asks for 400 GB and aborts."""
    concealed = workbook_of("A1", "XFD1048576", written='\n r = "{}"')
    (tmp_path / "first").mkdir()
    assert read(tmp_path / "first", concealed) == "reading_too_large"
    (tmp_path / "second").mkdir()
    assert read(tmp_path / "second", b"a,b\n1,2\n3,4\n") == "csv"


ENTITIES = "abcdefghijklmnop"
DOCTYPE = "<!DOCTYPE s [{}]>".format(
    "".join(
        f'<!ENTITY {name} "{f"&{ENTITIES[n - 1]};" * 10 if n else "x" * 100}">'
        for n, name in enumerate(ENTITIES)
    )
)
SHARED = {
    "xl/_rels/workbook.xml.rels": PARTS["xl/_rels/workbook.xml.rels"].replace(
        "</Relationships>",
        """<Relationship Id="r2" Target="sharedStrings.xml" Type=
"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/></Relationships>""",
    ),
    "xl/sharedStrings.xml": DOCTYPE
    + """<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<si><t>{}</t></si></sst>""",
}


def shared(text: str) -> dict[str, str]:
    return {name: part.replace("{}", text) for name, part in SHARED.items()}


@pytest.mark.parametrize(
    "content",
    [
        workbook_of("A1", "A2", before=DOCTYPE, holds="<v>&p;</v>"),
        workbook_of("A1", "A2", before=DOCTYPE, written='r="{}" t="str"', holds="<v>&p;</v>"),
        workbook_of(
            "A1", "A2", before=DOCTYPE, written='r="{}" t="inlineStr"', holds="<is><t>&p;</t></is>"
        ),
        workbook_of("A1", "A2", written='r="{}" t="s"', holds="<v>0</v>", parts=shared("&p;")),
    ],
    ids=["number", "formula", "inline", "shared"],
)
def test_entities_are_not_multiplied(tmp_path: Path, content: bytes) -> None:
    """Each would be 10^17 letters long; none of the limits of a reading has to end it."""
    budget = Budget(memory_bytes=2048 * MIB, cpu_seconds=10, wall_seconds=20, disk_bytes=2**30)
    taken = read(tmp_path, content, budget)
    assert taken in {"xlsx", "unreadable_spreadsheet", "empty_file"}


def test_shared_texts_without_entities_are_read(tmp_path: Path) -> None:
    content = workbook_of(
        "A1", "A2", "A3", written='r="{}" t="s"', holds="<v>0</v>", parts=shared("word")
    )
    assert read(tmp_path, content) == "xlsx"


def bombs() -> Iterator[tuple[str, bytes]]:
    yield "line_too_long", b"x" * (300 * MIB)
    yield "line_too_long", b"a,b\n1,2\n" + b"y," * (20 * MIB)
    yield "too_many_columns", b"," * (MIB + 5) + b"\n1,2\n"
    yield "unreadable_json", b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}\n"
    yield "unreadable_json", b'[{"a":' + b'{"b":' * 200_000 + b"1" + b"}" * 200_001 + b"]"
    yield "archive_bomb", gzip.compress(b"0" * (300 * MIB), 9)
    yield "archive_bomb", zipped({"a.csv": b"0" * (300 * MIB)})
    yield "archive_nested", zipped({"a.zip": zipped({"b.zip": zipped({"c.csv": "a,b\n1,2\n"})})})
    yield "archive_nested", gzip.compress(gzip.compress(b"a,b\n1,2\n"))
    yield "archive_bomb", zipped({f"{n}.csv": "a\n1\n" for n in range(2_001)})
    yield "archive_unsafe", linked(tar=True)
    yield "archive_unsafe", linked(tar=False)
    yield "archive_unsafe", zipped({"../../etc/cron.d/x": "a,b\n1,2\n"})


def linked(*, tar: bool) -> bytes:
    content = io.BytesIO()
    if tar:
        with tarfile.open(fileobj=content, mode="w") as archive:
            entry = tarfile.TarInfo("passwords.csv")
            entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(entry)
    else:
        with zipfile.ZipFile(content, "w") as archive:
            link = zipfile.ZipInfo("passwords.csv")
            link.external_attr = 0o120777 << 16
            archive.writestr(link, "/etc/passwd")
    return content.getvalue()


@pytest.mark.parametrize("number", range(13))
def test_bombs_are_refused_and_leave_nothing(tmp_path: Path, number: int) -> None:
    code, content = next(bomb for n, bomb in enumerate(bombs()) if n == number)
    assert read(tmp_path, content) == code
    assert list((tmp_path / "into").iterdir()) == []


def test_a_parquet_footer_that_lies_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "honest.parquet"
    pq.write_table(pa.table({"a": list(range(1_000)), "b": ["x"] * 1_000}), path)
    honest = path.read_bytes()
    length = int.from_bytes(honest[-8:-4], "little")
    chance = random.Random(7)  # noqa: S311 - the same bytes each time
    for number in range(12):
        forged = bytearray(honest)
        for _change in range(4):
            forged[len(forged) - 8 - chance.randrange(1, length)] = chance.randrange(256)
        folder = tmp_path / str(number)
        folder.mkdir()
        assert read(folder, bytes(forged)) in {
            "parquet", "unreadable_parquet", "archive_bomb", "too_many_columns", "header_only",
            "reading_too_large", "reader_stopped",
        }  # fmt: skip


def rows(count: int) -> bytes:
    return b"a,b\n" + b"".join(b"%d,word %d\n" % (n, n * 7919 % 1009) for n in range(count))


def test_a_reading_ends_at_its_processor_time(tmp_path: Path) -> None:
    budget = Budget(memory_bytes=3 * 2**30, cpu_seconds=1, wall_seconds=60, disk_bytes=2**30)
    assert read(tmp_path, rows(3_000_000), budget) == "reading_too_long"


def test_a_reading_ends_at_its_wall_time(tmp_path: Path) -> None:
    budget = Budget(memory_bytes=3 * 2**30, cpu_seconds=60, wall_seconds=0, disk_bytes=2**30)
    assert read(tmp_path, rows(1_000_000), budget) == "reading_too_long"


def test_a_reading_ends_at_its_room_on_disk(tmp_path: Path) -> None:
    budget = Budget(memory_bytes=3 * 2**30, cpu_seconds=60, wall_seconds=60, disk_bytes=MIB)
    assert read(tmp_path, gzip.compress(rows(2_000_000), 1), budget) == "reading_too_large"


def test_a_reading_ends_at_its_memory(tmp_path: Path) -> None:
    budget = Budget(memory_bytes=450 * MIB, cpu_seconds=60, wall_seconds=60, disk_bytes=2**30)
    assert read(tmp_path, rows(200_000), budget) in {"reading_too_large", "reader_stopped"}


def test_whoever_stops_listening_stops_the_reading(tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    def stop(_progress: Progress) -> None:
        raise Stopped

    path = tmp_path / "long.csv"
    path.write_bytes(rows(2_000_000))
    into = tmp_path / "into"
    into.mkdir()
    before = time.monotonic()
    with pytest.raises(Stopped):
        reading_process.read(path, name="long.csv", into=into, progress=stop)
    assert time.monotonic() - before < 20
    assert forks() == []


def forks() -> list[int]:
    """What the process that forks has running."""
    server = reading_process._SERVER.process
    assert server is not None
    until = time.monotonic() + 5
    while time.monotonic() < until:
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
        if not children:
            return []
        time.sleep(0.05)
    return [int(one) for one in children]


def test_the_reader_has_neither_our_environment_nor_our_open_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "known to us alone")
    reading_process._SERVER.stop()
    with (tmp_path / "secret").open("wb") as secret:
        os.set_inheritable(secret.fileno(), True)  # as a library's handle may be
        assert read(tmp_path, b"a,b\n1,2\n3,4\n") == "csv"
        server = reading_process._SERVER.process
        assert server is not None
        assert b"SECRET" not in Path(f"/proc/{server.pid}/environ").read_bytes()
        opened = []
        for one in Path(f"/proc/{server.pid}/fd").iterdir():
            with contextlib.suppress(
                FileNotFoundError
            ):  # the server closes what a reading is done with
                opened.append(str(one.readlink()))
    assert opened
    assert not [one for one in opened if "secret" in one]


@contextlib.contextmanager
def a_fork(
    said: bytes, *, is_open: bool = False, **ended: object
) -> Iterator[reading_process._Fork]:
    """A reading that said this and ended so; `is_open`: that goes on."""
    ear, mouth = os.pipe()
    os.write(mouth, said)
    if not is_open:
        os.close(mouth)
    line, theirs = socket.socketpair()
    with line, theirs:
        theirs.send(json.dumps({"status": 0, "cpu_seconds": 0.1, **ended}).encode())
        try:
            yield reading_process._Fork(ear, line)
        finally:
            os.close(ear)
            if is_open:
                os.close(mouth)


@pytest.fixture
def answering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """What a reading ends with whose process says and does this."""

    def answer(said: object, **how: Any) -> str:
        line = json.dumps(said).encode() + b"\n"
        monkeypatch.setattr(reading_process._SERVER, "fork", lambda _request: a_fork(line, **how))
        folder = Path(mkdtemp(dir=tmp_path))
        return read(folder, b"a,b\n1,2\n", Budget(2**30, 7, 60, 2**30))

    return answer


@pytest.mark.parametrize(
    "said",
    [
        {"progress": {"stage": 1}},
        {"progress": None},
        {"refusal": {"code": "empty_file", "message": "No.", "facts": {"message": "Yes."}}},
        {"refusal": {"code": "empty_file", "message": "No.", "facts": {"self": 1}}},
        {"reading": []},
        [],
    ],
    ids=str,
)
def test_what_no_reading_says_is_a_refusal(answering: Callable[..., str], said: object) -> None:
    assert answering(said) == "reader_stopped"


def test_a_killed_reader_took_too_long_only_where_its_time_was_up(
    answering: Callable[..., str],
) -> None:
    """The kernel kills at the end of the processor time, and when the machine has no memory left."""
    assert answering({}, status=-9, cpu_seconds=7.5) == "reading_too_long"
    assert answering({}, status=-9, cpu_seconds=0.5) == "reader_stopped"
    assert answering({}, status=-6) == "reading_too_large"


def test_a_full_disk_is_no_fault_of_the_file(
    answering: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    full = SimpleNamespace(free=reading_process.DISK_RESERVE_BYTES - 1)
    monkeypatch.setattr(reading_process, "disk_usage", lambda _path: full)
    with pytest.raises(reading_process.ReaderGone):
        answering({}, is_open=True)


def test_a_fork_that_cannot_be_had_ends_one_reading_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left() -> int:
        raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", none_left)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ear, mouth = os.pipe()
    line, their_line = socket.socketpair()
    with ours, theirs, line:
        server = reading_child._Server.__new__(reading_child._Server)
        server.control, server.lines = theirs, {}
        socket.send_fds(ours, [b"{}"], [mouth, their_line.fileno()])
        os.close(mouth)
        their_line.close()
        assert server._fork()
        assert server.lines == {}
        assert (os.read(ear, 1), line.recv(1)) == (b"", b"")
    os.close(ear)


def test_a_server_of_readers_that_was_killed_is_started_again(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    assert read(tmp_path / "a", b"a,b\n1,2\n3,4\n") == "csv"
    server = reading_process._SERVER.process
    assert server is not None
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    (tmp_path / "b").mkdir()
    assert read(tmp_path / "b", b"a,b\n1,2\n3,4\n") == "csv"


def test_readers_work_side_by_side(tmp_path: Path) -> None:
    """One that dies takes nobody with it."""
    ended: dict[int, str] = {}

    def one(number: int) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        content = workbook_of("A1", "XFD1048576", written='\n r = "{}"') if number % 2 else rows(99)
        ended[number] = read(folder, content)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [ended[n] for n in range(6)] == ["csv", "reading_too_large"] * 3


def test_budgets_grow_with_the_file_up_to_a_limit() -> None:
    small, large = Budget.of(1_431), Budget.of(10**9, Limits())
    assert (small.cpu_seconds, small.wall_seconds) == (60, 120)
    assert small.cpu_seconds < large.cpu_seconds < 6 * 3600
    assert Budget.of(10**12).wall_seconds == 6 * 3600
