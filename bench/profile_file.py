"""`profile.file`: reading a CSV whole (Parquet, profile, quality, findings) against SUMMARIZE.

The file is made once for the run: fifty columns of meters, times, numbers and text, two gigabytes unless
`BENCH_PROFILE_MB` says otherwise. One cell of a hundred is dirty: a marker, blanks, a decimal comma, a
word, a day that does not exist, an error of a spreadsheet, a unit, quotes; one row of a thousand is short.
Each side runs in a process of its own, so that its peak of memory and its time of the processor are its own.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from bench import measure
from exchange.local import postgres

MEGABYTE = 1_000_000
MEMORY_MB_MAX = 1_000
GOAL = 3
GROUPS = 5  # of the ten columns below
ROWS_AT_ONCE = 10_000
COLUMNS = {
    "meter_id": "'M' || lpad((i % 5000)::VARCHAR, 6, '0')",
    "read_at": "strftime(TIMESTAMP '2024-01-01' + INTERVAL 15 MINUTE * (i // 5000), '%Y-%m-%d %H:%M:%S')",
    "energy_kwh": "round(random() * 5, 3)",
    "voltage_v": "round(220 + random() * 10, 1)",
    "pulses": "(random() * 100000)::INT",
    "tariff": "['residential', 'commercial', 'industrial'][1 + (i % 3)]",
    "billed_on": "DATE '2023-01-01' + (random() * 700)::INT",
    "sequence": "i",
    "balance": "round((random() - 0.5) * 5000, 2)",
    "is_valid": "random() < 0.5",
}
DIRTY = """['NA', '', 'N/A', '..', ' ' || cell || '  ', 'broken', '"' || replace(cell, '.', ',') || '"',
    '31.02.2024', '#VALUE!', '12 kWh', '"a ""quoted"", cell"'][1 + (random() * 11)::INT % 11]"""

READING = """
import json, os, resource, sys, time
from pathlib import Path
import django
django.setup()
from exchange.vault import reading
begun, worked = time.perf_counter(), time.process_time()
reading.read(Path(sys.argv[1]), name="meters.csv", into=Path(sys.argv[2]))
spent = time.perf_counter() - begun
print(json.dumps([spent, time.process_time() - worked, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000]))
"""
SUMMARIZING = """
import json, resource, sys, time
import duckdb
connection = duckdb.connect(config={"threads": 2})
connection.execute("SET enable_progress_bar = false")
begun, worked = time.perf_counter(), time.process_time()
connection.execute(f"SUMMARIZE SELECT * FROM read_csv('{sys.argv[1]}', null_padding = true)").fetchall()
spent = time.perf_counter() - begun
print(json.dumps([spent, time.process_time() - worked, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000]))
"""


def make_meters(path: Path, *, megabytes: int) -> None:
    """Readings of 5,000 meters every quarter of an hour, as devices and people write them."""
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    connection.execute(
        f"CREATE MACRO soiled(cell) AS CASE WHEN random() < 0.01 THEN {DIRTY} ELSE cell END"
    )
    cells = [f"soiled(({made})::VARCHAR)" for _group in range(GROUPS) for made in COLUMNS.values()]
    query = (
        f"SELECT concat_ws(',', {', '.join(cells[:-1])}, "
        f"CASE WHEN random() < 0.999 THEN {cells[-1]} END) || chr(10) FROM range($1, $2) rows(i)"
    )
    with path.open("w") as file:
        names = [f"{name}_{group}" for group in range(GROUPS) for name in COLUMNS]
        written = file.write(",".join(names) + "\n")
        first = 0
        while written < megabytes * MEGABYTE:
            lines = connection.execute(query, [first, first + ROWS_AT_ONCE]).fetchall()
            written += file.write("".join(line for (line,) in lines))
            first += ROWS_AT_ONCE


def profile_file() -> list[measure.Measurement]:
    """Seconds of a reading, by the clock and of the processor. A peak of memory of a gigabyte or more
    fails the bench."""
    megabytes = int(os.environ.get("BENCH_PROFILE_MB", "2000"))
    with TemporaryDirectory(dir=postgres.PROJECT / "var") as folder:
        path = Path(folder) / "meters.csv"
        make_meters(path, megabytes=megabytes)
        into = Path(folder) / "into"
        into.mkdir()
        *peers, _ = _child(SUMMARIZING, path)
        *own, memory_mb = _child(READING, path, into)
    assert memory_mb < MEMORY_MB_MAX, f"reading took {memory_mb:.0f} MB"
    return [
        measure.Measurement(
            name=name,
            value=value,
            unit=f"s, {memory_mb:.0f} MB",
            peer=f"SUMMARIZE of {megabytes} MB",
            peer_value=peer,
            goal=GOAL,
            lower_is_better=True,
        )
        for name, value, peer in zip(("profile.file", "profile.file.cpu"), own, peers, strict=True)
    ]


def _child(program: str, *paths: Path) -> tuple[float, float, float]:
    """Seconds by the clock, seconds of the processor and the peak of memory in MB."""
    said = subprocess.run(
        [sys.executable, "-c", program, *map(str, paths)],
        check=True,
        capture_output=True,
        text=True,
    )
    clock, processor, megabytes = json.loads(said.stdout)
    return float(clock), float(processor), float(megabytes)


BENCHES: dict[str, measure.Bench] = {"profile.file": profile_file}
