"""The log for everybody: pages, proofs and the program that checks them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Protocol

import pytest
from django.test import Client

from exchange.audit import keys, queries, verify
from exchange.audit.models import Head
from exchange.web.log.proof_picture import draw
from tests.factories import audit
from tests.web.buyers import closed_up


@pytest.fixture
def log(db: None) -> list[str]:
    return audit.sequenced(40, batches=2)


class Answer(Protocol):
    @property
    def content(self) -> bytes: ...


def body(answer: Answer) -> str:
    return answer.content.decode()


def test_the_log_shows_its_checkpoint_key_and_newest_entries(
    client: Client, log: list[str]
) -> None:
    text = body(client.get("/log/"))
    assert bytes(Head.objects.latest("tree_size").root).hex() in text
    assert str(keys.verifier_key()) in text.replace("&#x27;", "'")
    assert 'href="/log/entries/39/"' in text
    assert 'href="/log/entries/15/"' in text
    assert 'href="/log/entries/14/"' not in text
    assert 'href="/log/?before=15"' in text


def test_the_next_page_goes_on_where_the_last_one_ended(client: Client, log: list[str]) -> None:
    text = body(client.get("/log/?before=15"))
    assert 'href="/log/entries/14/"' in text
    assert 'href="/log/entries/0/"' in text
    assert 'href="/log/entries/15/"' not in text
    assert "?before=0" not in text


def test_an_empty_log_says_so(client: Client, db: None) -> None:
    assert "The log is empty" in body(client.get("/log/"))


@pytest.mark.parametrize("before", ["yesterday", "-1", "1.5", "", "٣", "9" * 30])
def test_an_index_that_is_none_is_refused(client: Client, log: list[str], before: str) -> None:
    answer = client.get("/log/", {"before": before})
    assert answer.status_code == 422
    assert "not_a_log_index" in body(answer)


def test_no_page_of_the_log_tells_what_a_record_says(client: Client, db: None) -> None:
    audit.record(1, facts={"price_minor": 987654321}, subject="auction:secret-subject")
    audit.sequenced(3)
    for address in ("/", "/log/", "/log/entries/0/", "/log/entries/0/proof.json"):
        text = body(client.get(address))
        assert "987654321" not in text
        assert "secret-subject" not in text
        assert "usr_1" not in text


def test_an_entry_draws_a_path_that_ends_at_the_signed_root(client: Client, log: list[str]) -> None:
    text = body(client.get("/log/entries/7/"))
    root = bytes(Head.objects.latest("tree_size").root).hex()
    assert text.count(root) == 2
    assert text.count('<g class="given">') == 6
    assert text.count('<g class="computed">') == 7
    assert "Both are the same" in text


def test_an_entry_that_is_not_there_is_not_found(client: Client, log: list[str]) -> None:
    assert client.get("/log/entries/40/").status_code == 404
    assert client.get("/log/entries/40/proof.json").status_code == 404


@pytest.mark.parametrize("index", [0, 1, 19, 20, 38, 39])
def test_the_picture_arrives_at_the_root_from_every_side(log: list[str], index: int) -> None:
    path = queries.inclusion_path(index=index, size=40)
    leaf = bytes(queries.leaf_at(index).hash)
    picture = draw(index=index, size=40, leaf=leaf, path=path)
    assert picture.root == bytes(Head.objects.get(tree_size=40).root).hex()
    assert all(box.left >= 0 and box.left + box.width <= picture.width for box in picture.boxes)
    assert all(box.top >= 0 and box.top + box.height <= picture.height for box in picture.boxes)


def test_a_log_of_one_record_is_its_own_root(client: Client, db: None) -> None:
    audit.sequenced(1)
    text = body(client.get("/log/entries/0/"))
    assert text.count('<g class="computed">') == 1
    assert "Both are the same" in text


def test_the_downloaded_program_proves_the_downloaded_proof_offline(
    client: Client, log: list[str], tmp_path: Path
) -> None:
    program, proof = tmp_path / "verify.py", tmp_path / "proof.json"
    answer = client.get("/log/verify.py")
    program.write_bytes(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    proof.write_bytes(client.get("/log/entries/7/proof.json").content)
    assert program.read_text() == Path(verify.__file__).read_text()

    command = [sys.executable, "-I", str(program), str(proof), "--key", str(keys.verifier_key())]
    proven = subprocess.run(command, capture_output=True, text=True, check=False)
    assert proven.returncode == 0, proven.stdout
    assert proven.stdout.endswith("PROVEN\n")

    altered = json.loads(proof.read_text())
    altered["index"] = 8
    proof.write_text(json.dumps(altered))
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "NOT PROVEN" in refused.stdout


def test_home_shows_the_figures_of_the_log(client: Client, log: list[str]) -> None:
    text = body(client.get("/"))
    head = Head.objects.latest("tree_size")
    assert "It holds 40 records." in closed_up(text)
    assert head.checkpoint.split("\n")[2].replace("+", "&#x2B;") in text.replace("+", "&#x2B;")
