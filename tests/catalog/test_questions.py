"""Questions about products: who asks, who answers, who reads what, and how often."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from exchange.audit.models import Record
from exchange.catalog import questions
from exchange.catalog.asking import QuestionState
from exchange.catalog.models import Product, Question
from exchange.catalog.questions import A_DAY_MAX, OPEN_MAX, QuestionRefused, TooManyQuestions
from exchange.core.lifecycle import IllegalTransition, ReasonMissing
from exchange.core.refusals import NotAllowed, NotFound, Refusal
from exchange.members.actors import Actor
from exchange.members.roles import Kind, Role
from exchange.notices.models import Notice
from tests.factories import accounts
from tests.factories.listings import a_draft
from tests.factories.members import a_role, acting
from tests.factories.orders import DAY, Market, a_market
from tests.races.test_order_races import at_once
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db
TEXT = "How often is it read?"


@pytest.fixture
def market() -> Market:
    return a_market()


@pytest.fixture
def product(market: Market) -> Product:
    keeper = accounts.a_member(market.seller)
    a_role(market.seller, keeper, Role.DATA_OWNER)
    return market.offer(title="Pressure").product


def asked(
    market: Market, product: Product, text: str = TEXT, *, shows_name: bool = False
) -> Question:
    return questions.ask(
        product_id=product.public_id, text=text, shows_name=shows_name, actor=market.buying, now=DAY
    )


def answered(market: Market, question: Question, text: str = "Every quarter.") -> Question:
    return questions.answer(question.public_id, text=text, actor=market.selling, now=DAY)


def a_rival(market: Market) -> Actor:
    rival = accounts.an_organisation(name="Town Heat")
    market.exchange.admit(rival, Kind.BUYER)
    return acting(accounts.owner_of(rival), rival)


def told() -> list[tuple[str, str]]:
    return sorted(
        Notice.objects.filter(kind__startswith="catalog.question").values_list("kind", "user__name")
    )


def test_a_member_asks_the_seller_answers_and_everybody_reads_both(
    market: Market, product: Product, client: Client
) -> None:
    question = asked(market, product)
    path = f"/products/{product.public_id}/"
    keeper = market.seller.memberships.exclude(role="owner").get().user
    assert told() == [("catalog.question.asked", keeper.name)]
    # Until it is answered, its asker and the seller read it, and nobody else.
    assert TEXT not in shown(client, path)
    assert questions.seen_of(product, a_rival(market)).exists() is False
    for reader in (market.buying, market.selling, market.exchange.proposer):
        assert list(questions.seen_of(product, reader)) == [question]
    answered(market, question)
    page = shown(client, path)
    assert TEXT in page
    assert "Every quarter." in page
    assert "Private enterprise" in page
    assert "City Gas" not in page
    assert told()[0] == ("catalog.question.answered", "Li Wei")
    events = Record.objects.filter(event__startswith="catalog.question")
    assert list(events.order_by("pk").values_list("event", flat=True)) == [
        "catalog.question.asked", "catalog.question.answered",
    ]  # fmt: skip
    # The log keeps commitments to the words, and not the words.
    assert not any(TEXT.encode() in bytes(record.canonical) for record in events)


def test_the_name_is_shown_to_who_wants_that(
    market: Market, product: Product, client: Client
) -> None:
    answered(market, asked(market, product, shows_name=True))
    assert "City Gas" in shown(client, f"/products/{product.public_id}/questions/")


def test_a_seller_says_why_it_does_not_answer_and_the_asker_alone_reads_it(
    market: Market, product: Product, client: Client
) -> None:
    question = asked(market, product)
    with pytest.raises(ReasonMissing):
        questions.refuse(question.public_id, reason=" ", actor=market.selling, now=DAY)
    questions.refuse(question.public_id, reason="A trade secret.", actor=market.selling, now=DAY)
    with pytest.raises(IllegalTransition):
        answered(market, question)
    assert told()[1] == ("catalog.question.refused", "Li Wei")
    path = f"/products/{product.public_id}/questions/"
    assert TEXT not in shown(client, path)
    assert "A trade secret." in shown(browser(market.agent, market.buyer), path)


def test_the_exchange_hides_a_question_for_good_and_says_why_to_both(
    market: Market, product: Product, client: Client
) -> None:
    question = answered(market, asked(market, product))
    hide: dict[str, Any] = {"reason": "It names a person.", "now": DAY}
    for other in (market.selling, market.buying):
        with pytest.raises(NotAllowed):
            questions.hide(question.public_id, actor=other, **hide)
    questions.hide(question.public_id, actor=market.exchange.proposer, **hide)
    path = f"/products/{product.public_id}/questions/"
    assert TEXT not in shown(client, path)
    own = shown(browser(market.agent, market.buyer), path)
    assert "It names a person." in own
    assert TEXT not in own
    assert [kind for kind, _user in told()].count("catalog.question.hidden") == 2
    record = Record.objects.get(event="catalog.question.hidden")
    assert record.subject == f"question:{question.public_id}"


@pytest.mark.parametrize("text", ["", "Why", "x" * 2001, "How\x00 often?", "How\u202e often?"])
def test_text_that_cannot_be_shown_is_refused_and_changes_nothing(
    market: Market, product: Product, text: str
) -> None:
    with pytest.raises(QuestionRefused):
        asked(market, product, text)
    assert Question.objects.exists() is False
    question = asked(market, product)
    with pytest.raises(QuestionRefused) as refused:
        answered(market, question, text)
    assert refused.value.facts["field"] == "answer"
    question.refresh_from_db()
    assert question.state == QuestionState.OPEN


def test_hostile_words_are_text(market: Market, product: Product, client: Client) -> None:
    evil = "<script>alert(1)</script>"
    answered(market, asked(market, product, evil), evil)
    page = client.get(f"/products/{product.public_id}/").content.decode()
    assert evil not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_nobody_asks_a_house_of_their_own_nor_without_a_membership(
    market: Market, product: Product
) -> None:
    outside = accounts.an_organisation()
    both = accounts.a_member(market.seller)
    accounts.a_member(market.buyer, user=both)
    for user, organisation in (
        (accounts.owner_of(market.seller), market.seller),
        (both, market.buyer),
        (accounts.owner_of(outside), outside),
        (market.exchange.first, market.exchange.organisation),
    ):
        with pytest.raises(NotAllowed):
            questions.ask(
                product_id=product.public_id, text=TEXT, shows_name=False,
                actor=acting(user, organisation), now=DAY,
            )  # fmt: skip
    hidden = a_draft(seller=market.seller)
    with pytest.raises(NotFound):
        asked(market, hidden)
    assert Question.objects.exists() is False


def test_a_rival_neither_answers_nor_reads(market: Market, product: Product) -> None:
    question = asked(market, product)
    rival = a_rival(market)
    with pytest.raises(Refusal):
        questions.answer(question.public_id, text="Never.", actor=rival, now=DAY)
    with pytest.raises(NotFound):
        questions.question_seen_by(rival, question.public_id)
    question.refresh_from_db()
    assert question.state == QuestionState.OPEN


def test_one_house_has_so_many_open_questions_and_one_person_asks_so_often_a_day(
    market: Market, product: Product
) -> None:
    for _number in range(OPEN_MAX):
        question = asked(market, product)
    with pytest.raises(TooManyQuestions):
        asked(market, product)
    answered(market, question)
    asked(market, product)
    others = [market.offer(title=f"Other {number}").product for number in range(4)]
    for number in range(A_DAY_MAX - OPEN_MAX - 1):
        asked(market, others[number % 4])
    with pytest.raises(TooManyQuestions) as refused:
        asked(market, others[3])
    assert refused.value.facts["limit"] == A_DAY_MAX
    questions.ask(
        product_id=others[3].public_id, text=TEXT, shows_name=False, actor=market.buying,
        now=DAY + timedelta(days=1),
    )  # fmt: skip


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_people_who_ask_at_once_do_not_pass_the_limit_of_their_house() -> None:
    market = a_market()
    product = market.offer(title="Pressure").product
    colleague = accounts.a_member(market.buyer)
    a_role(market.buyer, colleague, Role.BUYER_AGENT)
    for _number in range(OPEN_MAX - 1):
        asked(market, product)
    outcomes = at_once(
        *(
            lambda one=one: questions.ask(
                product_id=product.public_id, text=TEXT, shows_name=False, actor=one, now=DAY
            )
            for one in (market.buying, acting(colleague, market.buyer))
        )
    )
    assert outcomes == ["done", "too_many_questions"]
    assert Question.objects.count() == OPEN_MAX


def test_the_database_keeps_answers_and_reasons_together(market: Market, product: Product) -> None:
    question = asked(market, product)
    for values in (
        {"state": "answered"}, {"answer": "Yes."}, {"state": "hidden"}, {"note": "No."},
        {"text": ""}, {"state": "gone"},
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            Question.objects.filter(pk=question.pk).update(**values)


def test_asking_and_answering_in_the_browser(market: Market, product: Product) -> None:
    buyer, seller = (
        browser(market.agent, market.buyer),
        browser(accounts.owner_of(market.seller), market.seller),
    )
    path = f"/products/{product.public_id}/"
    assert f"{path}questions/new/" in shown(buyer, path)
    assert f"{path}questions/new/" not in shown(seller, path)
    short = buyer.post(f"{path}questions/new/", {"text": "Why"})
    assert short.status_code == 422
    assert "Write between 5 and 2000 characters." in short.content.decode()
    made = buyer.post(f"{path}questions/new/", {"text": TEXT, "shows_name": "on"})
    assert made.status_code == 302
    address = made["Location"]
    # It waits on the seller's first page, and on the first page of its desk.
    assert address in shown(seller, "/")
    assert "Questions that wait for you" in shown(seller, "/desk/")
    assert address in shown(seller, "/desk/catalog/question/")
    assert "Publish the answer" not in shown(buyer, address)
    page = shown(seller, address)
    assert "Publish the answer" in page
    empty = seller.post(address, {"refuse": "1", "reason": ""})
    assert empty.status_code == 422
    assert Question.objects.get().state == QuestionState.OPEN
    assert buyer.post(address, {"answer": "I say so."}).status_code == 403
    assert seller.post(address, {"answer": "Every quarter."}).status_code == 302
    assert "Every quarter." in shown(buyer, path)
    late = seller.post(address, {"answer": "Every hour."})
    assert late.status_code == 409
    assert Question.objects.get().answer == "Every quarter."


def test_the_list_comes_in_pages_and_asks_the_same_however_long(
    market: Market, product: Product, client: Client
) -> None:
    def many(count: int) -> None:
        for number in range(count):
            Question.objects.create(
                product=product, organisation=market.buyer, asked_by=market.agent, asked_at=DAY,
                text=f"Question {number}", answer="Yes.", answered_by=market.agent,
                answered_at=DAY, state=QuestionState.ANSWERED,
            )  # fmt: skip

    many(3)
    path = f"/products/{product.public_id}/questions/"
    client.get(path)
    with CaptureQueriesContext(connection) as few:
        client.get(path)
    many(20)
    with CaptureQueriesContext(connection) as more:
        first = client.get(path).content.decode()
    assert len(more) == len(few)
    assert first.count('class="review"') == 20
    older = re.search(r'href="([^"]+\?before=\d+)"', first)
    assert older is not None
    assert shown(client, older.group(1)).count('class="review"') == 3
    page = shown(client, f"/products/{product.public_id}/")
    assert page.count('<article class="review"') == 5
    assert "All questions" in page


def test_everybody_reads_answered_questions_over_the_api_page_by_page(
    market: Market, product: Product, client: Client
) -> None:
    shown_with_name = answered(market, asked(market, product, shows_name=True), "First.")
    without = answered(market, asked(market, product, "And how exact?"), "Second.")
    waiting = asked(market, product, "Not yet answered?")
    address = f"/api/v1/products/{product.public_id}/questions"
    for reader in (client, browser(market.agent, market.buyer)):
        first = reader.get(address, {"limit": 1}).json()
        assert first["items"] == [
            {
                "id": without.public_id, "text": "And how exact?", "asker": "",
                "asker_kind": market.buyer.kind, "asked_at": first["items"][0]["asked_at"],
                "answer": "Second.", "answered_at": first["items"][0]["answered_at"],
            }
        ]  # fmt: skip
        last = reader.get(first["next"]).json()
        assert [(one["id"], one["asker"]) for one in last["items"]] == [
            (shown_with_name.public_id, "City Gas")
        ]
        assert last["next"] is None
        assert waiting.public_id not in f"{first}{last}"
    assert client.get("/api/v1/products/prd_unknown/questions").status_code == 404
    assert client.get(address, {"cursor": "x"}).json()["code"] == "bad_cursor"
    with CaptureQueriesContext(connection) as queries:
        client.get(address, {"limit": 100})
    assert len(queries) <= 3
