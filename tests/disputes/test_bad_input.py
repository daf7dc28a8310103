"""What somebody sends to a dispute in bad faith or by mistake: refused or contained, in one sentence."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from exchange.disputes import opening
from exchange.disputes.models import Dispute, DisputeFile
from exchange.journeys import disputes
from exchange.orders import conversation
from exchange.orders.conversation import ConversationFull
from exchange.orders.models import OrderMessage
from exchange.orders.models.orders import MESSAGES_MAX
from tests.factories.orders import Market, a_market
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    return a_market()


@pytest.fixture
def dispute(market: Market) -> Dispute:
    now = timezone.now()
    return opening.open_dispute(
        market.delivered(at=now).public_id,
        kind="below_quality",
        reason="Gaps.",
        actor=market.buying,
        now=now,
    )


def test_five_hundred_messages_end_in_a_sentence_and_the_pages_still_open(
    market: Market, dispute: Dispute
) -> None:
    order = dispute.order
    OrderMessage.objects.bulk_create(
        OrderMessage(
            order=order, text=f"Answer me ({number}).", by=market.agent,
            organisation=market.buyer, at=timezone.now(),
        )
        for number in range(MESSAGES_MAX)
    )  # fmt: skip
    assert MESSAGES_MAX <= 500
    with pytest.raises(ConversationFull) as refused:
        conversation.write(order.public_id, actor=market.buying, text="Now!", now=timezone.now())
    assert str(refused.value.message) == f"An order carries at most {MESSAGES_MAX} messages."
    buyer = browser(market.agent, market.buyer)
    posted = buyer.post(f"/orders/{order.public_id}/message/", {"text": "Now!"})
    assert 400 <= posted.status_code < 500
    assert "Answer me (0)." in shown(buyer, f"/orders/{order.public_id}/")
    assert "Gaps." in shown(buyer, f"/disputes/{dispute.public_id}/")


def test_a_refunded_order_is_not_disputed_on_its_page(market: Market, dispute: Dispute) -> None:
    disputes.concede(dispute.public_id, actor=market.selling, now=timezone.now())
    buyer = browser(market.agent, market.buyer)
    address = f"/orders/{dispute.order.public_id}/"
    assert "Open a dispute" not in shown(buyer, address)
    said = {"kind": "below_quality", "remedy": "refund", "reason": "And again."}
    again = buyer.post(f"{address}object/", said)
    assert again.status_code == 409
    assert "This step is not possible from the state “Refunded”." in again.content.decode()
    assert Dispute.objects.count() == 1


def test_a_program_is_no_evidence_whatever_it_is_called(market: Market, dispute: Dispute) -> None:
    buyer = browser(market.agent, market.buyer)
    for name in ("proof.exe", "proof.pdf", "proof.pdf.exe", "proof.txt", "../proof.sh"):
        sent = SimpleUploadedFile(name, b"MZ\x90\x00\x03", content_type="application/pdf")
        answer = buyer.post(f"/disputes/{dispute.public_id}/files/", {"file": sent})
        assert answer.status_code == 422
        said = answer.content.decode()
        assert (
            "Please hand in a PDF, PNG, JPEG, CSV or text file." in said
            or "The content of the file is not what its name says." in said
        )
    assert not DisputeFile.objects.exists()
