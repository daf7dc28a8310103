"""`profile.file`: reading a CSV whole (Parquet, profile, quality, findings) against SUMMARIZE.

The file is made once for the run: meters, times, numbers and text, one gigabyte unless
`BENCH_PROFILE_MB` says otherwise. Each side runs in a process of its own, so that its peak of memory
is its own.
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
ROW_BYTES = 95
ROWS_OF_A_METER = 5_000
MEMORY_MB_MAX = 1_000

READING = """
import json, os, resource, sys, time
from pathlib import Path
import django
django.setup()
from exchange.vault import reading
begun = time.perf_counter()
reading.read(Path(sys.argv[1]), name="meters.csv", into=Path(sys.argv[2]))
spent = time.perf_counter() - begun
print(json.dumps([spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000]))
"""
SUMMARIZING = """
import json, resource, sys, time
import duckdb
connection = duckdb.connect(config={"threads": 2})
connection.execute("SET enable_progress_bar = false")
begun = time.perf_counter()
connection.execute(f"SUMMARIZE SELECT * FROM read_csv('{sys.argv[1]}')").fetchall()
spent = time.perf_counter() - begun
print(json.dumps([spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000]))
"""


def make_meters(path: Path, *, megabytes: int) -> None:
    """Readings of 5,000 meters every quarter of an hour, with gaps and estimates."""
    rows = megabytes * MEGABYTE // ROW_BYTES
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    connection.execute(
        f"""COPY (SELECT 'M' || lpad((i % {ROWS_OF_A_METER})::VARCHAR, 6, '0') AS meter_id,
            TIMESTAMP '2024-01-01' + INTERVAL 15 MINUTE * (i // {ROWS_OF_A_METER}) AS read_at,
            round(random() * 5, 3) AS energy_kwh, round(220 + random() * 10, 1) AS voltage_v,
            round(random() * 30, 2) AS current_a, (random() * 100)::INT AS power_factor_pct,
            ['residential', 'commercial', 'industrial'][1 + (i % 3)] AS tariff,
            CASE WHEN random() < 0.01 THEN NULL ELSE 'Feeder ' || (i % 97) END AS feeder,
            i AS sequence,
            CASE WHEN random() < 0.3 THEN 'estimated after communication failure'
                 ELSE 'measured' END AS remark
            FROM range({rows}) t(i)) TO '{path}' (HEADER)"""
    )


def profile_file() -> measure.Measurement:
    """Seconds of a reading. A peak of memory of a gigabyte or more fails the bench."""
    megabytes = int(os.environ.get("BENCH_PROFILE_MB", "1000"))
    with TemporaryDirectory(dir=postgres.PROJECT / "var") as folder:
        path = Path(folder) / "meters.csv"
        make_meters(path, megabytes=megabytes)
        into = Path(folder) / "into"
        into.mkdir()
        peer, _ = _child(SUMMARIZING, path)
        own, memory_mb = _child(READING, path, into)
    assert memory_mb < MEMORY_MB_MAX, f"reading took {memory_mb:.0f} MB"
    return measure.Measurement(
        name="profile.file",
        value=own,
        unit=f"s, {memory_mb:.0f} MB",
        peer=f"SUMMARIZE of {megabytes} MB",
        peer_value=peer,
        goal=2.5,
        lower_is_better=True,
    )


def _child(program: str, *paths: Path) -> tuple[float, float]:
    said = subprocess.run(
        [sys.executable, "-c", program, *map(str, paths)],
        check=True,
        capture_output=True,
        text=True,
    )
    seconds, megabytes = json.loads(said.stdout)
    return float(seconds), float(megabytes)


BENCHES: dict[str, measure.Bench] = {"profile.file": profile_file}
