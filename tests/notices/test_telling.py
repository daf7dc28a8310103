"""Facts told once to each person, in their inbox and, where wanted, by mail."""

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from exchange.core.models import OutboxJob
from exchange.core.refusals import NotFound
from exchange.jobs import runner
from exchange.members.roles import Kind, Role
from exchange.notices import inbox, notify
from exchange.notices.kinds import KINDS
from exchange.notices.kinds_of_money import Kind as NoticeKind
from exchange.notices.models import MailPreference, Notice
from exchange.notices.notify import line_of
from pricing.money import Money
from tests.factories import accounts
from tests.factories.accounts import NOON
from tests.factories.members import a_role, an_exchange

QUIET = "catalog.product.revised"
MAILED = "catalog.demand.answered"
FACTS: dict[str, dict[str, object]] = {
    QUIET: {"product": "Meter readings", "revision": 3},
    MAILED: {"organisation": "Sun Data", "demand": "Charging data", "product": "Chargers 2026"},
}


def told(*people: User, kind: str = QUIET, dedupe: str = "revision:1") -> int:
    return notify.tell(
        user_ids=[person.pk for person in people],
        kind=kind,
        facts=FACTS[kind],
        url="/products/prd_1/",
        dedupe=dedupe,
        now=NOON,
    )


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_fact_is_told_to_each_person_once(db: None) -> None:
    first, second = accounts.a_user(), accounts.a_user()
    assert told(first) == 1
    assert told(first, second) == 1
    assert told(first, second) == 0
    assert list(Notice.objects.order_by("id").values_list("user", flat=True)) == [
        first.pk,
        second.pk,
    ]


def test_who_was_switched_off_is_told_nothing(db: None) -> None:
    assert told(accounts.a_user(active=False)) == 0
    assert not Notice.objects.exists()


def test_a_notice_without_its_facts_is_a_mistake_and_tells_nobody(db: None) -> None:
    person = accounts.a_user()
    with pytest.raises(ValueError, match="revision"):
        notify.tell(
            user_ids=[person.pk],
            kind=QUIET,
            facts={"product": "x"},
            url="/",
            dedupe="a",
            now=NOON,
        )
    assert not Notice.objects.exists()


def test_the_sentence_is_in_the_language_of_its_reader_at_the_time_of_reading(db: None) -> None:
    told(accounts.a_user())
    kept = Notice.objects.get()
    assert kept.facts == {"product": "Meter readings", "revision": 3}
    assert line_of(kept.kind, kept.facts) == "“Meter readings” has revision 3."


def test_money_and_instants_are_worded_for_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = notify.kept({"price": Money(123450, "CNY"), "until": NOON})
    assert facts == {
        "price": {"minor": 123450, "currency": "CNY"},
        "until": {"at": "2026-03-02T12:00:00+00:00"},
    }
    row = NoticeKind(label="x", line="Pay %(price)s by %(until)s.")
    monkeypatch.setattr(notify, "KINDS", {"x": row})
    assert notify.line_of("x", facts) == "Pay CN¥1,234.50 by 2 Mar 2026, 20:00 (+08:00)."
    with translation.override("zh-hans"):
        assert notify.line_of("x", facts) == "Pay ¥1,234.50 by 2026年3月2日 20:00 (+08:00)."


def test_what_cannot_be_worded_later_is_not_kept() -> None:
    with pytest.raises(TypeError, match="float"):
        notify.kept({"price": 0.1})


def test_a_notice_leads_nowhere_but_into_this_site(db: None) -> None:
    person = accounts.a_user()
    for url in ("https://elsewhere.example/", "//elsewhere.example/"):
        with pytest.raises(IntegrityError), transaction.atomic():
            notify.tell(
                user_ids=[person.pk], kind=QUIET, facts=FACTS[QUIET], url=url, dedupe="a", now=NOON
            )
    assert not Notice.objects.exists()


def test_a_mail_goes_out_once_and_in_the_readers_own_words(transactional_db: None) -> None:
    person = accounts.a_user("li@example.com")
    told(person, kind=MAILED)
    told(person, kind=MAILED)
    assert OutboxJob.objects.count() == 1
    assert runner.drain(worker="test", limit=5) == 1
    (sent,) = mail.outbox
    assert sent.to == ["li@example.com"]
    assert sent.subject == "Sun Data answers your request “Charging data” with “Chargers 2026”."
    assert "/products/prd_1/" in sent.body


def test_no_mail_goes_out_for_what_was_read_meanwhile(transactional_db: None) -> None:
    person = accounts.a_user()
    told(person, kind=MAILED)
    inbox.read_all(user_id=person.pk, now=NOON)
    assert runner.drain(worker="test", limit=5) == 1
    assert mail.outbox == []


def test_people_choose_what_comes_by_mail(db: None) -> None:
    person = accounts.a_user()
    inbox.choose_mail(user_id=person.pk, kinds=[QUIET, "no.such.kind"])
    told(person, kind=QUIET)
    told(person, kind=MAILED, dedupe="other")
    assert [job.payload["dedupe"] for job in OutboxJob.objects.all()] == ["revision:1"]
    chosen = {one.kind for one in inbox.preferences_of(person.pk) if one.by_mail}
    assert chosen == {QUIET}
    inbox.choose_mail(
        user_id=person.pk, kinds=[code for code, kind in KINDS.items() if kind.by_mail]
    )
    assert not MailPreference.objects.exists()  # the kinds' own choice needs no row


def test_an_organisation_is_told_through_those_who_hold_the_role(db: None) -> None:
    exchange = an_exchange()
    organisation = accounts.an_organisation()
    exchange.admit(organisation, Kind.BUYER)
    agent, clerk = accounts.a_member(organisation), accounts.a_member(organisation)
    a_role(organisation, agent, Role.BUYER_AGENT)
    now = NOON + timedelta(days=1)

    def organisation_told(roles: list[Role] | None, dedupe: str) -> set[int]:
        notify.notify_organisation(
            organisation_id=organisation.pk,
            roles=roles,
            kind=QUIET,
            facts=FACTS[QUIET],
            url="/",
            dedupe=dedupe,
            now=now,
        )
        return set(Notice.objects.filter(dedupe=dedupe).values_list("user_id", flat=True))

    assert organisation_told([Role.BUYER_AGENT], "a") == {agent.pk}
    assert organisation_told([Role.FINANCE], "b") == set()
    owner = accounts.owner_of(organisation)
    assert organisation_told(None, "c") == {owner.pk, agent.pk, clerk.pk}


def test_the_inbox_shows_counts_and_marks(db: None) -> None:
    person = accounts.a_user()
    told(person)
    client = signed_in(person)
    shown = client.get(reverse("web:notices")).content.decode()
    assert "“Meter readings” has revision 3." in shown
    assert "1 unread notice" in shown
    notice = Notice.objects.get()
    answer = client.get(reverse("web:notice", args=[notice.public_id]))
    assert (answer.status_code, answer["Location"]) == (302, "/products/prd_1/")
    notice.refresh_from_db()
    assert notice.read_at is not None
    assert "1 unread notice" not in client.get(reverse("web:notices")).content.decode()


def test_nobody_reads_the_notice_of_another(db: None) -> None:
    told(accounts.a_user())
    notice = Notice.objects.get()
    with pytest.raises(NotFound):
        inbox.read_notice(user_id=accounts.a_user().pk, notice_id=notice.public_id, now=NOON)
    notice.refresh_from_db()
    assert notice.read_at is None


def test_a_long_inbox_goes_on_at_the_next_page(db: None) -> None:
    person = accounts.a_user()
    for number in range(27):
        told(person, dedupe=f"revision:{number}")
    client = signed_in(person)
    first = client.get(reverse("web:notices"))
    assert first.content.decode().count('class="unread"') == 25
    before = Notice.objects.order_by("-id")[24].pk
    rest = client.get(reverse("web:notices"), {"before": before})
    assert rest.content.decode().count('class="unread"') == 2
    client.post(reverse("web:notices_read"))
    assert inbox.unread_count(person.pk) == 0


def test_the_inbox_is_in_the_order_of_its_moments_page_by_page(db: None) -> None:
    person = accounts.a_user()
    for number in range(6):
        told(person, dedupe=f"revision:{number}")
    moments = [NOON + timedelta(hours=hours) for hours in (1, 3, 2, 3, 3, 0)]
    rows = list(Notice.objects.order_by("id"))
    for notice, at in zip(rows, moments, strict=True):
        Notice.objects.filter(pk=notice.pk).update(at=at)
    told(accounts.a_user())
    in_order = [rows[number].pk for number in (4, 3, 1, 2, 0, 5)]
    seen: list[int] = []
    for _page in range(3):
        page = inbox.notices_of(person.pk, before=seen[-1] if seen else None, limit=2)
        seen += [notice.pk for notice in page]
    assert seen == in_order
    assert inbox.notices_of(person.pk, before=seen[-1], limit=2) == []
    of_another = Notice.objects.exclude(user=person).get().pk
    assert [one.pk for one in inbox.notices_of(person.pk, before=of_another, limit=9)] == in_order


def test_a_name_from_right_to_left_stands_apart_in_its_line() -> None:
    line = line_of(MAILED, {**FACTS[MAILED], "organisation": "מדידות 2019"})
    assert "\u2068מדידות 2019\u2069" in line
    assert line.count("\u2068") == 1


def test_the_footer_names_the_time_zone(db: None) -> None:
    page = signed_in(accounts.a_user()).get(reverse("web:notices")).content.decode()
    assert "Times: Asia/Shanghai" in page


def test_preferences_are_kept_from_the_page(db: None) -> None:
    person = accounts.a_user()
    client = signed_in(person)
    answer = client.post(reverse("web:notices_preferences"), {"mail": [QUIET]})
    assert answer.status_code == 302
    kept = {one.kind for one in inbox.preferences_of(person.pk) if one.by_mail}
    assert kept == {QUIET}


@pytest.mark.race
def test_the_same_fact_told_at_the_same_time_is_told_once(transactional_db: None) -> None:
    person = accounts.a_user()
    start = threading.Barrier(4)
    errors: list[Exception] = []

    def speak() -> None:
        try:
            start.wait()
            told(person, kind=MAILED)
        except Exception as error:  # noqa: BLE001 - reported below
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=speak) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert Notice.objects.count() == 1
    assert OutboxJob.objects.count() == 1


def test_the_clock_of_a_notice_is_the_callers(db: None) -> None:
    told(accounts.a_user())
    assert Notice.objects.get().at == NOON < timezone.now()
