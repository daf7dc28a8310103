"""The public log tells no event, and parties prove what is theirs offline (case M7)."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from exchange.audit import keys, public, sequencer, verify
from exchange.audit.models import Record
from exchange.journeys import acceptance, records_of_parties
from exchange.members.permissions import SCOPE_LOG
from exchange.orders.models import Certificate
from tests.api.callers import with_key
from tests.factories.accounts import a_member, an_organisation
from tests.factories.auctions import END, a_house, clock_at
from tests.factories.members import minutes
from tests.factories.orders import DAY, Market, a_market

pytestmark = pytest.mark.django_db


def texts(client: Client) -> list[str]:
    return [
        client.get(path).content.decode() for path in ("/log/", "/log/entries", "/log/entries/0/")
    ]


def test_no_event_id_or_moment_of_a_record_is_public(client: Client) -> None:
    a_market()
    sequencer.sequence_batch(DAY)
    records = list(Record.objects.all())
    for text in texts(client):
        assert not any(record.public_id in text or record.event in text for record in records)
    entry = client.get("/log/entries").json()["items"][0]
    assert set(entry) == {"index", "group", "at", "leaf_hash"}
    assert entry["at"].endswith(":00+00:00")
    assert client.get("/log/proof", {"index": 0}).json()["record"] is None
    assert client.get("/log/entries/0/proof.json").json()["record"] is None


def test_a_bid_is_told_from_nothing_until_the_close_and_then_by_its_group() -> None:
    with clock_at(DAY):
        house = a_house()
        auction = house.auction()
        house.buyer("anna")
        sequencer.sequence_batch(DAY - minutes(1))
        house.bid("anna", auction, 150_00)
        sequencer.sequence_batch(DAY)
        during = public.entries(limit=100)
    bid = Record.objects.get(event="auctions.bid.placed").leaf.index
    assert next(entry.group for entry in during if entry.index == bid) is None
    hidden = {entry.group for entry in during if entry.at >= DAY.replace(microsecond=0)}
    assert hidden <= {None, public.Group.MEMBERS, public.Group.CATALOGUE, public.Group.EXCHANGE}
    with clock_at(END):
        house.close(auction)
    after = public.entries(limit=100)
    assert next(entry.group for entry in after if entry.index == bid) == public.Group.TRADING


def test_each_room_that_writes_records_has_a_group() -> None:
    from exchange.core.lifecycle import lifecycles  # noqa: PLC0415 - beside its use

    rooms = {event.partition(".")[0] for one in lifecycles() for event in one.events}
    assert rooms <= public.GROUPS.keys()


@pytest.fixture
def certified() -> tuple[Market, Certificate]:
    market = a_market()
    order = market.delivered()
    acceptance.accept(order.public_id, actor=market.buying, now=DAY + minutes(30))
    sequencer.sequence_batch(DAY)
    return market, Certificate.objects.get(order=order)


def test_both_parties_get_the_bytes_of_their_certificate_and_prove_it_offline(
    certified: tuple[Market, Certificate], tmp_path: Path
) -> None:
    market, certificate = certified
    for organisation in (market.buyer, market.seller):
        program = with_key(organisation, SCOPE_LOG)
        answer = program.get(f"/api/v1/log/records/{certificate.record_id}/bundle")
        assert answer.status_code == 200
        bundle = tmp_path / "bundle.json"
        bundle.write_bytes(answer.content)
        proven = subprocess.run(
            [sys.executable, verify.__file__, bundle, "--key", str(keys.verifier_key())],
            capture_output=True,
            text=True,
            check=False,
        )
        assert proven.returncode == 0, proven.stdout
        record = json.loads(answer.json()["canonical"])
        digest = certificate.document_hash.removeprefix("sha256:")
        assert record["documents"] == {"certificate": digest}


def test_others_get_no_byte_of_it(client: Client, certified: tuple[Market, Certificate]) -> None:
    _market, certificate = certified
    program = with_key(an_organisation(name="Somebody else"), SCOPE_LOG)
    answer = program.get(f"/api/v1/log/records/{certificate.record_id}/bundle")
    assert answer.status_code == 404
    assert client.get(f"/api/v1/log/records/{certificate.record_id}/bundle").status_code in {
        401,
        403,
    }


def test_the_page_of_the_certificate_gives_the_same_bundle_to_its_parties(
    client: Client, certified: tuple[Market, Certificate]
) -> None:
    market, certificate = certified
    address = f"/orders/{certificate.order.public_id}/documents/certificate"
    client.force_login(market.agent)
    assert f"{address}.proof" in client.get(f"{address}.html").content.decode()
    bundle = json.loads(client.get(f"{address}.proof").content)
    assert verify.check_bundle(bundle, keys.verifier_key())[-1].startswith(certificate.record_id)
    client.force_login(a_member(an_organisation(name="Somebody else")))
    assert client.get(f"{address}.proof").status_code in {403, 404}


def test_a_bid_is_its_bidders_alone() -> None:
    with clock_at(DAY):
        house = a_house()
        auction = house.auction()
        house.bid("anna", auction, 150_00)
    bid = Record.objects.get(event="auctions.bid.placed")
    assert records_of_parties.parties_of(bid.subject) == {house.organisation("anna").pk}
    assert records_of_parties.parties_of("planet:mars") == frozenset()
