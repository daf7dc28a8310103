"""The case file of an order: what is in it for whom, and every way of altering it found offline."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exchange.audit import keys, sequencer
from exchange.audit.verify import CASE_INDEX, CaseEntry, Unproven, case_text, check_case, main
from exchange.core.refusals import NotFound
from exchange.delivery import comparisons
from exchange.journeys import acceptance, case_files
from exchange.members.actors import Actor
from exchange.orders import conversation
from exchange.orders.models import Order
from exchange.orders.terms import document_hash
from tests.factories import accounts
from tests.factories.delivery import a_revision, read_again
from tests.factories.members import acting, minutes
from tests.factories.orders import DAY, Market, a_market, pay
from tests.factories.vault import a_read_file

pytestmark = pytest.mark.django_db
Files = dict[str, bytes]


@pytest.fixture
def market(tmp_path: Path, settings: Any) -> Market:
    settings.VAULT_ROOT = str(tmp_path / "vault")
    return a_market()


@pytest.fixture
def order(market: Market) -> Order:
    """Bought, read again, talked about, accepted and certified."""
    offer = market.offer(100, delivery="file")
    a_revision(offer.product, a_read_file(market.seller))
    bought = market.order(offer, at=DAY)
    pay(bought, at=DAY)
    read_again(comparisons.ask(bought.public_id, actor=market.buying, now=DAY))
    for actor, text in ((market.buying, "Is it whole?"), (market.selling, "It is.")):
        conversation.write(bought.public_id, actor=actor, text=text, now=DAY)
    acceptance.accept(bought.public_id, actor=market.buying, now=DAY + minutes(1))
    while sequencer.sequence_batch(DAY + minutes(2)):
        pass
    return Order.objects.get(pk=bought.pk)


def files_of(order: Order, actor: Actor) -> Files:
    content = case_files.case_file(order.public_id, actor=actor, now=DAY).content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_everything_is_in_it_and_checks_offline(
    market: Market, order: Order, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = case_files.case_file(order.public_id, actor=market.buying, now=DAY)
    path = tmp_path / case.name
    path.write_bytes(case.content)
    assert main(["case", str(path), "--key", str(keys.verifier_key())]) == 0
    said = capsys.readouterr().out
    assert "The log states the hashes of 4 files." in said
    assert said.endswith("PROVEN\n")
    files = files_of(order, market.buying)
    assert {name for name in files if "/" not in name} == {
        CASE_INDEX, "order.json", "terms.json", "deliveries.json", "comparison.json",
        "figures.json", "messages.json", "certificate.json",
    }  # fmt: skip
    assert document_hash(json.loads(files["terms.json"])) == order.terms_hash
    assert json.loads(files["comparison.json"])["totals"]["broken"] == 0


def test_persons_of_the_other_side_are_not_named_and_strangers_get_nothing(
    market: Market, order: Order
) -> None:
    buying, selling = files_of(order, market.buying), files_of(order, market.selling)
    agent = market.agent.public_id.encode()
    assert any(agent in content for content in buying.values())
    assert not any(agent in content for content in selling.values())
    assert [one["salt"] is None for one in json.loads(selling["messages.json"])] == [True, False]
    assert [one["text"] for one in json.loads(selling["messages.json"])] == [
        "Is it whole?",
        "It is.",
    ]
    operator = market.exchange.proposer
    for actor, side in ((market.selling, "seller"), (operator, "exchange")):
        said = check_case(files_of(order, actor), keys.verifier_key())
        assert f"for {side}" in said[0]
    stranger = accounts.an_organisation()
    with pytest.raises(NotFound):
        files_of(order, acting(accounts.owner_of(stranger), stranger))


def flip(name: str) -> Callable[[Files], None]:
    def alter(files: Files) -> None:
        files[name] = files[name][:-1] + b"?"

    return alter


def lose(files: Files) -> None:
    del files["terms.json"]


def lose_index(files: Files) -> None:
    del files[CASE_INDEX]


def add(files: Files) -> None:
    files["more.json"] = b"{}"


def swap(files: Files) -> None:
    files["terms.json"], files["order.json"] = files["order.json"], files["terms.json"]


def reindex(files: Files) -> None:
    files[CASE_INDEX] = files[CASE_INDEX].replace(b"for buyer", b"for seller")


def unsigned(files: Files) -> None:
    files[CASE_INDEX] = files[CASE_INDEX].partition(b"\n\n")[0] + b"\n\n"


ALTERED: dict[str, tuple[Callable[[Files], None], str]] = {
    "terms": (flip("terms.json"), "terms.json was altered"),
    "comparison": (flip("comparison.json"), "comparison.json was altered"),
    "messages": (flip("messages.json"), "messages.json was altered"),
    "certificate": (flip("certificate.json"), "certificate.json was altered"),
    "deliveries": (flip("deliveries.json"), "deliveries.json was altered"),
    "a proof": (flip("proofs/0000.json"), "proofs/0000.json was altered"),
    "a file less": (lose, "terms.json is missing"),
    "a file more": (add, "more.json is not in the index"),
    "two files swapped": (swap, "was altered"),
    "the index": (reindex, "The signature under this text is false"),
    "no signature": (unsigned, "No signature of the given key"),
    "no index": (lose_index, "has no index"),
}


def test_whatever_is_altered_is_found(market: Market, order: Order) -> None:
    whole = files_of(order, market.buying)
    key = keys.verifier_key()
    check_case(whole, key)
    for alter, reason in ALTERED.values():
        files = dict(whole)
        alter(files)
        with pytest.raises(Unproven, match=reason):
            check_case(files, key)


def signed_anew(files: Files) -> Files:
    """The files under a new index of the exchange's own: as if the exchange itself had altered them."""
    _head, _, listed = files[CASE_INDEX].decode().partition("\n\n")[0].partition("\nfiles\n")
    entries = [
        CaseEntry(hashlib.sha256(files[e.name]).hexdigest(), len(files[e.name]), e.record, e.name)
        for e in map(CaseEntry.parse, listed.splitlines())
    ]
    index = keys.sign_text(case_text({"order": "x"}, entries))
    return {**files, CASE_INDEX: index.encode()}


def rewrite(name: str, alter: Callable[[Any], None]) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        document = json.loads(files[name])
        alter(document)
        files[name] = json.dumps(document).encode()

    return change


def a_readable_proof(files: Files) -> str:
    return next(
        name
        for name in files
        if name.startswith("proofs/")
        and "orders.message.written" in files[name].decode()
        and "canonical" in json.loads(files[name])
    )


def test_not_even_the_exchange_can_alter_what_stands_in_its_log(
    market: Market, order: Order
) -> None:
    whole = files_of(order, market.buying)
    key = keys.verifier_key()
    check_case(signed_anew(whole), key)
    proof = a_readable_proof(whole)
    kinds: list[tuple[Callable[[Files], None], str]] = [
        (rewrite("terms.json", lambda d: d.update(seller={})), "states the hash of terms.json"),
        (rewrite("comparison.json", lambda d: d.update(tables=[])), "hash of comparison.json"),
        (rewrite("certificate.json", lambda d: d.update(number="X")), "hash of certificate.json"),
        (rewrite("messages.json", lambda d: d[0].update(text="Never.")), "is not the one"),
        (
            rewrite(proof, lambda d: d.update(canonical=d["canonical"] + " ")),
            "does not have the hash",
        ),
        (rewrite(proof, lambda d: d.update(index=d["index"] + 1)), "another root|too"),
        (rewrite(proof, lambda d: d.update(checkpoint="x\n\n")), "No signature"),
        (rewrite(proof, lambda d: d["path"].pop()), "too short|another root"),
    ]
    for alter, reason in kinds:
        files = dict(whole)
        alter(files)
        with pytest.raises(Unproven, match=reason):
            check_case(signed_anew(files), key)


def test_a_damaged_archive_and_another_key_prove_nothing(
    market: Market, order: Order, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = case_files.case_file(order.public_id, actor=market.buying, now=DAY)
    path = tmp_path / "case.zip"
    path.write_bytes(case.content[:-200])
    assert main(["case", str(path), "--key", str(keys.verifier_key())]) == 1
    assert "NOT PROVEN: The archive is damaged" in capsys.readouterr().out
    path.write_bytes(case.content)
    other = str(keys.verifier_key()).replace("+", "x+", 1)
    assert main(["case", str(path), "--key", other]) == 1
