"""Files that a side hands in: which are taken, who opens them, and that the case file has them."""

import io
import json
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from exchange.core.lifecycle import IllegalTransition
from exchange.core.refusals import NotAllowed, NotFound
from exchange.disputes import evidence, opening
from exchange.disputes.evidence import EvidenceFull, EvidenceKept
from exchange.disputes.models import Dispute, DisputeFile
from exchange.journeys import case_files, disputes
from exchange.members.actors import Actor
from exchange.members.documents import DocumentRefused, DocumentTooLarge
from exchange.members.models import SIZE_BYTES_MAX
from exchange.members.roles import Role
from tests.factories import accounts
from tests.factories.accounts import owner_of
from tests.factories.members import a_role, acting
from tests.factories.orders import DAY, Market, a_market
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 the gaps"


@pytest.fixture
def market(tmp_path: Any, settings: Any) -> Market:
    settings.MEDIA_ROOT = str(tmp_path)
    settings.SECOND_FACTOR_REQUIRED = False
    market = a_market()
    a_role(market.seller, owner_of(market.seller), Role.DATA_OWNER)
    return market


@pytest.fixture
def dispute(market: Market) -> Dispute:
    return opening.open_dispute(
        market.delivered(100).public_id,
        kind="below_quality",
        reason="Gaps.",
        actor=market.buying,
        now=DAY,
    )


def hand_in(dispute: Dispute, actor: Actor, name: str, content: bytes) -> DisputeFile:
    return evidence.hand_in(
        dispute.public_id, actor=actor, name=name, file=io.BytesIO(content), now=DAY
    )


def test_what_is_no_document_is_refused_in_a_sentence_and_not_kept(
    market: Market, dispute: Dispute
) -> None:
    program = b"\x7fELF\x02\x01\x01\x00"
    for name, content in (
        ("gaps.exe", b"MZ\x90\x00"),
        ("gaps.pdf", program),
        ("gaps.csv", program),
        ("gaps.txt", b"#!/bin/sh\nrm -r /\n"),
        ("gaps.csv", "a;b\n".encode("utf-16")),
        ("gaps.pdf", b""),
        ("gaps.svg", b"<svg/>"),
    ):
        with pytest.raises(DocumentRefused) as refused:
            hand_in(dispute, market.buying, name, content)
        assert str(refused.value.message).count(".") == 1
    with pytest.raises(DocumentTooLarge):
        hand_in(dispute, market.buying, "gaps.csv", b"a" * (SIZE_BYTES_MAX + 1))
    assert not DisputeFile.objects.exists()


def test_a_side_hands_in_so_many_files_each_once_and_while_the_dispute_runs(
    market: Market, dispute: Dispute, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "FILES_MAX", 2)
    hand_in(dispute, market.buying, "a.csv", b"a,b\n1,2\n")
    with pytest.raises(EvidenceKept):
        hand_in(dispute, market.buying, "b.csv", b"a,b\n1,2\n")
    hand_in(dispute, market.buying, "b.pdf", PDF)
    with pytest.raises(EvidenceFull):
        hand_in(dispute, market.buying, "c.pdf", PDF + b"!")
    hand_in(dispute, market.selling, "ours.pdf", PDF)
    for stranger in (market.exchange.proposer, acting_stranger()):
        with pytest.raises((NotAllowed, NotFound)):
            hand_in(dispute, stranger, "d.pdf", PDF)
    disputes.withdraw(dispute.public_id, actor=market.buying, now=DAY)
    with pytest.raises(IllegalTransition):
        hand_in(dispute, market.selling, "late.pdf", PDF + b"?")


def acting_stranger() -> Actor:
    organisation = accounts.an_organisation()
    return acting(owner_of(organisation), organisation)


def test_both_sides_and_the_exchange_open_a_file_and_nobody_else(
    market: Market, dispute: Dispute
) -> None:
    buyer = browser(market.agent, market.buyer)
    address = f"/disputes/{dispute.public_id}/"
    refused = buyer.post(f"{address}files/", {"file": SimpleUploadedFile("gaps.exe", b"MZ")})
    assert refused.status_code == 422
    assert "Please hand in a PDF, PNG, JPEG, CSV or text file." in refused.content.decode()
    handed = buyer.post(f"{address}files/", {"file": SimpleUploadedFile("gaps.pdf", PDF)})
    assert handed.status_code == 302
    found = DisputeFile.objects.get()
    operator = market.exchange.first
    for reader, home in (
        (market.agent, market.buyer),
        (owner_of(market.seller), market.seller),
        (operator, market.exchange.organisation),
    ):
        client = browser(reader, home)
        assert "gaps.pdf" in shown(client, address)
        answer = client.get(f"{address}files/{found.public_id}/")
        assert b"".join(answer) == PDF
        assert answer["Content-Disposition"].startswith("attachment")
    desk = reverse("console:disputes_dispute_change", args=[dispute.pk])
    page = shown(browser(operator, market.exchange.organisation), desk)
    assert f"{address}files/{found.public_id}/" in page
    assert "gaps.pdf" in page
    stranger = accounts.an_organisation()
    outside = browser(owner_of(stranger), stranger)
    assert outside.get(f"{address}files/{found.public_id}/").status_code == 404
    assert buyer.get(f"{address}files/dsf_unknown/").status_code == 404


def test_the_case_file_has_what_was_said_and_handed_in(market: Market, dispute: Dispute) -> None:
    found = hand_in(dispute, market.buying, "gaps.csv", b"a,b\n1,2\n")
    case = case_files.case_file(dispute.order.public_id, actor=market.selling, now=DAY)
    with zipfile.ZipFile(io.BytesIO(case.content)) as archive:
        told = json.loads(archive.read(f"disputes/{dispute.public_id}.json"))
        assert [step["reason"] for step in told["steps"]] == ["Gaps."]
        assert told["files"][0]["name"] == "gaps.csv"
        assert archive.read(f"evidence/{found.public_id}.csv") == b"a,b\n1,2\n"
