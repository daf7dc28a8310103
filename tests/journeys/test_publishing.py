"""`manage.py publish`: the wizard's work from the shell, on a file that is really read."""

import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from exchange.catalog.lifecycle import ListingState
from exchange.catalog.models import Product
from tests.factories.catalog import Stall, a_stall

CSV = "day,kwh,phone\n" + "".join(
    f"2026-01-{day:02},{day}.5,138{12345670 + day}\n" for day in range(1, 29)
)
SAID = (
    "--title", "Meters", "--scenario", "Forecast load.", "--industry", "energy",
    "--source", "Our meters.",
)  # fmt: skip


@pytest.fixture
def stall(db: None, tmp_path: Path, settings: Settings) -> Stall:
    settings.VAULT_ROOT = str(tmp_path / "vault")
    return a_stall()


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    path = tmp_path / "meters.csv"
    path.write_text(CSV)
    return path


def publish(path: Path, stall: Stall, *more: str) -> str:
    out = StringIO()
    call_command("publish", str(path), "--as", stall.seller.public_id, *SAID, *more, stdout=out)
    return out.getvalue()


def test_a_file_is_listed_and_its_address_printed(stall: Stall, csv: Path) -> None:
    told = publish(
        csv, stall, "--price", "980", "--not-personal", "phone=Made up.", "--synthetic", "--list"
    )
    product = Product.objects.get()
    assert re.fullmatch(rf"http://\S+/products/{product.public_id}/  Listed\n", told)
    assert (product.state, product.synthetic) == (ListingState.LISTED, True)
    assert product.offers.get().price_minor == 98_000


def test_a_finding_that_nobody_answered_keeps_the_draft(stall: Stall, csv: Path) -> None:
    with pytest.raises(CommandError, match=r"listing_gates_shut: .*finding of personal data"):
        publish(csv, stall, "--free", "--submit")
    product = Product.objects.get()
    assert (product.state, product.offers.get().kind) == (ListingState.DRAFT, "free")


def test_a_sensitive_file_is_listed_by_two_operators(stall: Stall, csv: Path) -> None:
    publish(
        csv, stall, "--price", "9", "--personal", "phone", "--personal-statement", "With consent.",
        "--grade", "general_3", "--list",
    )  # fmt: skip
    step = Product.objects.get().steps.get(transition="approve")
    assert step.approved_by is not None
    assert step.by != step.approved_by


def test_an_empty_file_leaves_no_product_behind(stall: Stall, tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    with pytest.raises(CommandError, match=r"file_not_ready: \S+"):
        publish(empty, stall, "--free")
    assert Product.objects.count() == 0


def test_production_lists_nothing_from_the_shell(
    stall: Stall, csv: Path, settings: Settings
) -> None:
    settings.ENVIRONMENT = "production"
    with pytest.raises(CommandError, match="people review listings"):
        publish(csv, stall, "--free", "--list")
    assert Product.objects.count() == 0


def test_an_unknown_seller_is_named(stall: Stall, csv: Path) -> None:
    with pytest.raises(CommandError, match="no organisation “Nobody”"):
        call_command("publish", str(csv), "--as", "Nobody", *SAID, "--free")
