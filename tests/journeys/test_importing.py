"""Open-data records become free listings: once, by legal steps, each broken one named."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Organisation
from exchange.audit.models import Record
from exchange.catalog.models import ListingStep, Offer, Product, SearchEntry
from exchange.catalog.open_data import RecordBroken, details_of_record
from exchange.journeys.importing import Outcome, Report, SellerNotAdmitted, import_files
from exchange.members.roles import Kind
from tests.factories import accounts
from tests.factories.accounts import NOON
from tests.factories.members import an_exchange, minutes
from tests.sets import Sets, each_set

REAL = Path("catalogue_open_data/datasets")
GOOD = """
Name: Wind speed of {number} stations
Description: Hourly wind speed at 100 m. Measured by masts.
Documentation: See [the guide](https://example.org/wind/{number}).
Contact: wind@example.org
ManagedBy: "[Wind Institute](https://example.org)"
UpdateFrequency: New data is added daily.
Tags: [aws-pds, weather, energy, wind]
License: '[Creative Commons BY 4.0](https://creativecommons.org/licenses/by/4.0/)'
Resources:
  - {{Description: Wind, ARN: "arn:aws:s3:::wind-{number}", Type: S3 Bucket}}
DataAtWork:
  Tutorials:
    - {{Title: Siting turbines, URL: https://example.org/t}}
"""


@pytest.fixture
def seller(db: None) -> Organisation:
    organisation = accounts.an_organisation(name="Open data registry")
    an_exchange().admit(organisation, Kind.SELLER)
    return organisation


def imported(folder: Path, seller: Organisation) -> list[Report]:
    return list(import_files(sorted(folder.iterdir()), seller=seller, now=NOON + minutes(60)))


def outcomes(reports: list[Report]) -> dict[str, Outcome]:
    return {report.file: report.outcome for report in reports}


def test_marks_of_pages_are_not_shown_as_they_are(seller: Organisation, tmp_path: Path) -> None:
    text = GOOD.format(number=1).replace(
        "Description: Hourly wind speed at 100 m. Measured by masts.",
        'Description: "## Wind<br>at **100 m**&ndash;hourly. <b>Measured</b> by [masts](https://example.org/m)."',
    )
    (tmp_path / "wind.yaml").write_text(
        text.replace("[aws-pds, weather, energy, wind]", "[survey, astronomy]")
    )
    imported(tmp_path, seller)
    product = Product.objects.get(origin="open-data:wind")
    assert (
        product.description == "Wind\nat 100 m–hourly. Measured by masts (https://example.org/m)."
    )
    assert product.industry == "research"


def test_a_record_becomes_a_free_listing_at_its_own_place(
    seller: Organisation, tmp_path: Path
) -> None:
    (tmp_path / "wind.yaml").write_text(GOOD.format(number=1))
    assert outcomes(imported(tmp_path, seller)) == {"wind.yaml": Outcome.LISTED}
    product = Product.objects.get(origin="open-data:wind")
    assert product.title == "Wind speed of 1 stations"
    assert product.external_url == "https://example.org/wind/1"
    assert (product.state, product.delivery, product.industry) == ("listed", "external", "energy")
    assert (product.rhythm, product.region) == ("daily", "global")
    assert product.keywords == ["weather", "energy", "wind"]
    assert product.scenarios == ["Siting turbines"]
    assert product.licence["template"] == "open"
    assert product.licence["attribution"] is True
    assert Offer.objects.get().price_minor == 0
    assert SearchEntry.objects.get().facets.count("pricing:free") == 1


def test_every_step_is_legal_and_in_the_log_under_the_name_of_the_import(
    seller: Organisation, tmp_path: Path
) -> None:
    (tmp_path / "wind.yaml").write_text(GOOD.format(number=1))
    imported(tmp_path, seller)
    moves = list(ListingStep.objects.order_by("number").values_list("transition", "actor"))
    assert [move for move, _actor in moves] == [
        "draft", "submit", "take_up", "pass_compliance", "pass_quality", "approve", "list",
    ]  # fmt: skip
    assert {actor for _move, actor in moves} == {"system:import"}
    events = Record.objects.filter(actor="system:import").values_list("event", flat=True)
    assert "catalog.listing.listed" in events
    assert len(events) == 8


def test_a_second_run_changes_nothing_and_says_so(
    seller: Organisation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "wind.yaml").write_text(GOOD.format(number=1))
    imported(tmp_path, seller)
    before = (Product.objects.values().get(), ListingStep.objects.count(), Record.objects.count())
    call_command("import_catalogue", str(tmp_path), "--as", seller.public_id)
    assert "1 unchanged" in (said := capsys.readouterr().out)
    assert "Nothing has changed." in said
    after = (Product.objects.values().get(), ListingStep.objects.count(), Record.objects.count())
    assert after == before


def test_a_record_that_changed_goes_through_the_steps_of_a_change(
    seller: Organisation, tmp_path: Path
) -> None:
    (tmp_path / "wind.yaml").write_text(GOOD.format(number=1))
    imported(tmp_path, seller)
    (tmp_path / "wind.yaml").write_text(GOOD.format(number=2))
    assert outcomes(imported(tmp_path, seller)) == {"wind.yaml": Outcome.CHANGED}
    assert Product.objects.get().title == "Wind speed of 2 stations"
    assert SearchEntry.objects.get().card["title"] == "Wind speed of 2 stations"
    assert list(ListingStep.objects.order_by("number").values_list("transition", flat=True))[
        -2:
    ] == [
        "propose_change",
        "accept_change",
    ]


def test_duplicates_and_broken_records_are_named_and_stop_nobody(
    seller: Organisation, tmp_path: Path
) -> None:
    (tmp_path / "a.yaml").write_text(GOOD.format(number=1))
    (tmp_path / "b.yaml").write_text(GOOD.format(number=1))
    (tmp_path / "c.yaml").write_text("Name: [unclosed")
    (tmp_path / "d.yaml").write_text("- just\n- a list\n")
    (tmp_path / "e.yaml").write_text(GOOD.format(number=1).replace("Description: Hourly", "X: H"))
    (tmp_path / "f.yaml").write_bytes(b"Name: \xff\xfe")
    (tmp_path / "g.yaml").write_text("Name: x\n" + "#" * (1024 * 1024))
    (tmp_path / "h.yaml").write_text(GOOD.format(number=1).replace("daily", "weekly"))
    reports = {report.file: report for report in imported(tmp_path, seller)}
    assert outcomes(list(reports.values())) == {
        "a.yaml": Outcome.LISTED,
        "b.yaml": Outcome.DUPLICATE,
        "c.yaml": Outcome.BROKEN,
        "d.yaml": Outcome.BROKEN,
        "e.yaml": Outcome.BROKEN,
        "f.yaml": Outcome.BROKEN,
        "g.yaml": Outcome.BROKEN,
        "h.yaml": Outcome.LISTED,
    }
    assert reports["b.yaml"].reason == "The same record as a.yaml."
    assert reports["d.yaml"].reason == "The file holds no record."
    assert reports["e.yaml"].reason == "The record has no “Description”."
    assert reports["g.yaml"].reason == "The file is larger than 1048576 bytes."
    assert reports["h.yaml"].reason == "It has the title of a.yaml."
    assert Product.objects.count() == 2


def test_only_an_active_seller_imports(db: None, tmp_path: Path) -> None:
    (tmp_path / "wind.yaml").write_text(GOOD.format(number=1))
    stranger = accounts.an_organisation()
    with pytest.raises(SellerNotAdmitted):
        imported(tmp_path, stranger)
    with pytest.raises(CommandError, match="not an active seller"):
        call_command("import_catalogue", str(tmp_path), "--as", stranger.name)
    assert not Product.objects.exists()


def test_nobody_takes_over_the_records_of_another_seller(db: None, tmp_path: Path) -> None:
    exchange = an_exchange()
    first, second = accounts.an_organisation(name="First"), accounts.an_organisation()
    exchange.admit(first, Kind.SELLER)
    exchange.admit(second, Kind.SELLER)
    (tmp_path / "wind.yaml").write_text(GOOD.format(number=1))
    imported(tmp_path, first)
    (report,) = imported(tmp_path, second)
    assert report.outcome is Outcome.BROKEN
    assert report.reason == "Another seller has imported this record: First."
    assert Product.objects.get().seller == first


def test_a_folder_without_records_and_an_unknown_seller_are_refused(
    seller: Organisation, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match="no YAML file"):
        call_command("import_catalogue", str(tmp_path), "--as", seller.name)
    (tmp_path / "wind.yaml").write_text(GOOD.format(number=1))
    with pytest.raises(CommandError, match="no organisation"):
        call_command("import_catalogue", str(tmp_path), "--as", "Nobody")


@pytest.mark.parametrize(
    ("licence", "template", "is_attributed"),
    [
        ("CC-BY 4.0", "open", True),
        ("https://creativecommons.org/licenses/by/4.0/", "open", True),
        ("CC0 1.0 Universal (CC0 1.0) Public Domain Dedication", "open", False),
        ("There are no restrictions on the use of this data.", "open", False),
        ("https://creativecommons.org/licenses/by-nc/4.0/", "custom", False),
        ("[CC BY-SA](https://creativecommons.org/licenses/by-sa/4.0/)", "custom", False),
        ("Provided in the bucket.", "custom", False),
    ],
)
def test_a_licence_is_open_only_when_everybody_knows_it(
    licence: str, template: str, *, is_attributed: bool
) -> None:
    record = {
        "Name": "A",
        "Description": "B.",
        "License": licence,
        "Documentation": "https://example.org",
    }
    made = details_of_record(record)["licence"]
    assert (made["template"], made["attribution"]) == (template, is_attributed)
    assert made["text"] == licence


def test_a_record_without_any_address_is_broken_but_its_bucket_is_one() -> None:
    record = {"Name": "A", "Description": "B.", "License": "CC0", "Documentation": "Ask us."}
    with pytest.raises(RecordBroken) as broken:
        details_of_record(record)
    assert broken.value.facts == {"field": "Documentation"}
    there = {**record, "Resources": [{"ARN": "arn:aws:s3:::masts/wind"}]}
    assert details_of_record(there)["external_url"] == "https://masts.s3.amazonaws.com/"


@each_set
def test_real_records_become_listings(sets: Sets, seller: Organisation) -> None:
    files = sorted((sets.data / REAL).iterdir())[:: sets.expects(excerpt=1, whole=30)]
    assert len(files) == sets.expects(excerpt=5, whole=30)
    reports = list(import_files(files, seller=seller, now=NOON + minutes(60)))
    assert {report.outcome for report in reports} == {Outcome.LISTED}
    assert SearchEntry.objects.count() == len(files)
