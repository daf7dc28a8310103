"""Flags of personal columns: on any column, at once, in all that was shown; taken off after a look."""

import pytest
from django.test import Client
from django.urls import reverse

from exchange.audit.models import Record
from exchange.catalog import flags
from exchange.catalog.errors import ColumnNotFlagged, ColumnUnknown
from exchange.catalog.models import ColumnFlag, Product
from exchange.core.lifecycle import IllegalTransition, ReasonMissing
from exchange.core.refusals import NotAllowed
from exchange.members.actors import person_of
from exchange.notices.models import Notice
from tests.factories.catalog import DAY, Stall
from tests.factories.listings import a_column, a_document, a_listing

pytestmark = pytest.mark.django_db


def a_product(stall: Stall) -> Product:
    document = a_document(
        a_column("energy", original_name="E"),
        a_column("remark", type="text", example="ZEBRA", min="ZEBRA", top=[["ZEBRA", 3]]),
        preview={"columns": ["energy", "remark"], "rows": [["1.5", "ZEBRA"]]},
    )
    return a_listing(seller=stall.seller, document=document)


def shown(product: Product) -> str:
    client = Client()
    api = client.get(reverse("api:product", args=[product.public_id]))
    page = client.get(reverse("web:product", args=[product.public_id]))
    assert (api.status_code, page.status_code) == (200, 200)
    return api.content.decode() + page.content.decode()


def test_a_column_that_nothing_was_found_in_is_held_back_at_once(stall: Stall) -> None:
    product = a_product(stall)
    assert "ZEBRA" in shown(product)
    flags.flag_own_column(product, column="remark", reason="Names", actor=stall.selling, now=DAY)
    assert "ZEBRA" not in shown(product)
    assert "Personal: no value of it is shown." in shown(product)


def test_an_operator_holds_a_column_back_by_either_of_its_names(stall: Stall) -> None:
    product = a_product(stall)
    flag = flags.flag_column(product, column="energy", reason="x", actor=stall.reviewing, now=DAY)
    again = flags.flag_column(product, column="E", reason="y", actor=stall.reviewing, now=DAY)
    assert (flag.column, flag.party, flag.pk) == ("E", "operator", again.pk)
    assert Record.objects.filter(event="catalog.column.flagged").count() == 1


def test_only_an_operator_takes_a_flag_off(stall: Stall) -> None:
    product = a_product(stall)
    flag = flags.flag_own_column(product, column="remark", reason="x", actor=stall.selling, now=DAY)
    with pytest.raises(NotAllowed):
        flags.lift_flag(flag, reason="x", actor=stall.selling, now=DAY)
    asked = flags.ask_lift(product, column="remark", reason="Codes", actor=stall.selling, now=DAY)
    assert (asked.pk, asked.state) == (flag.pk, "lift_asked")
    assert "ZEBRA" not in shown(product)
    kept = flags.keep_flag(flag.public_id, reason="Names indeed", actor=stall.reviewing, now=DAY)
    assert (kept.state, kept.answer) == ("flagged", "Names indeed")
    assert "ZEBRA" not in shown(product)
    flags.lift_flag(flag.public_id, reason="Codes", actor=stall.reviewing, now=DAY)
    assert "ZEBRA" in shown(product)
    with pytest.raises(IllegalTransition):
        flags.lift_flag(flag.public_id, reason="x", actor=stall.reviewing, now=DAY)


def test_the_seller_is_told_what_the_exchange_does_to_a_column_and_nothing_of_its_own_acts(
    stall: Stall,
) -> None:
    product = a_product(stall)
    flags.flag_own_column(product, column="remark", reason="x", actor=stall.selling, now=DAY)
    assert not Notice.objects.filter(kind__startswith="catalog.column.").exists()
    flag = flags.flag_column(product, column="E", reason="x", actor=stall.reviewing, now=DAY)
    for _round in range(2):
        flags.ask_lift(product, column="E", reason="Codes", actor=stall.selling, now=DAY)
        flags.keep_flag(flag.public_id, reason="No", actor=stall.reviewing, now=DAY)
    flags.lift_flag(flag.public_id, reason="Yes", actor=stall.reviewing, now=DAY)
    told = Notice.objects.filter(user_id=person_of(stall.selling)).order_by("pk")
    assert [notice.kind.rpartition(".")[2] for notice in told] == [
        "flagged", "kept", "kept", "lifted",
    ]  # fmt: skip
    assert {notice.url for notice in told} == {
        reverse("web:sell_personal", args=[product.public_id])
    }
    assert {notice.facts["column"] for notice in told} == {"E"}


def test_what_is_not_there_or_not_held_back_is_refused(stall: Stall) -> None:
    product = a_product(stall)
    with pytest.raises(ColumnUnknown):
        flags.flag_own_column(product, column="nobody", reason="x", actor=stall.selling, now=DAY)
    with pytest.raises(ReasonMissing):
        flags.flag_own_column(product, column="remark", reason=" ", actor=stall.selling, now=DAY)
    with pytest.raises(ColumnNotFlagged):
        flags.ask_lift(product, column="remark", reason="x", actor=stall.selling, now=DAY)
    assert ColumnFlag.objects.count() == 0
