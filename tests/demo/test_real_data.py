"""Real data beside the invented: published once, with its source, and never what needs an answer first."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from exchange.catalog.lifecycle import ListingState
from exchange.catalog.models import Product
from exchange.demo import real_data, seeding
from exchange.local import postgres

NOW = timezone.now()
CELLS = "battery_id,cycle_number,capacity_ahr\n" + "".join(
    f"B{number % 4:04d},{number},{2 - number / 500:.3f}\n" for number in range(200)
)
TRACKS = "id,latitude,longitude,track_id,time\n" + "".join(
    f"{number},-10.9{number:03d},-37.0{number:03d},{number % 9},2014-09-13 07:24:{number % 60:02d}\n"
    for number in range(200)
)
RECORD = """
Name: Weather stations
Description: Hourly readings of weather stations.
License: Public domain
Documentation: https://weather.example/docs
ManagedBy: A weather service
UpdateFrequency: Daily
Tags: [weather]
Resources:
  - Description: Readings
    ARN: arn:aws:s3:::weather
    Region: us-east-1
    Type: S3 Bucket
"""


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """A folder as visitors name it, with some of what the demo knows."""
    settings.VAULT_ROOT = str(tmp_path / "vault")
    here = tmp_path / "data"
    for path, text in {
        "battery_ageing/nasa_cycle_summary.csv": CELLS,
        "vehicle_trajectories/go_track_trackspoints.csv": TRACKS,
        f"{real_data.CATALOGUE}/weather.yaml": RECORD,
    }.items():
        (here / path).parent.mkdir(parents=True)
        (here / path).write_text(text)
    return here


def states() -> dict[str, str]:
    return dict(Product.objects.values_list("title", "state"))


@pytest.mark.django_db(transaction=True)
def test_what_is_there_is_listed_once_and_personal_data_waits_for_answers(folder: Path) -> None:
    seeding._admit_everybody(NOW - timedelta(days=30))
    told: list[str] = []
    real_data.bring(folder, NOW, tell=told.append)
    wanted = {
        "Discharge cycles of 34 battery cells": ListingState.LISTED,
        "Tracks of 28 drivers in a city": ListingState.DRAFT,
        "Weather stations": ListingState.LISTED,
    }
    assert states() == wanted
    assert told == [
        "Real file 1/2: Discharge cycles of 34 battery cells",
        "Real file 2/2: Tracks of 28 drivers in a city",
        "Catalogue: 1/1 records",
    ]
    cells = Product.objects.get(title__startswith="Discharge")
    assert not cells.synthetic
    assert cells.licence["text"] == cells.source_statement
    assert "NASA Prognostics Center of Excellence, public domain" in cells.source_statement
    before = list(Product.objects.order_by("pk").values())
    real_data.bring(folder, NOW, tell=told.append)
    assert list(Product.objects.order_by("pk").values()) == before


def test_a_folder_without_known_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(real_data.NoSuchFolder, match="holds none of the data sets"):
        real_data.bring(tmp_path, NOW, tell=print)


def test_a_missing_folder_is_told_in_one_sentence_before_anything_starts(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"
    ended = subprocess.run(
        [sys.executable, "-m", "exchange.local.demo", "--data", str(missing)],
        cwd=postgres.PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    sentence = f"There is no folder {missing}. Without DATA the demo shows synthetic data.\n"
    assert (ended.returncode, ended.stderr) == (1, sentence)
