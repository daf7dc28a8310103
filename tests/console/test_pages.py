import re
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from exchange.audit.models import Head, Record
from exchange.core.models import CalendarYear, OutboxJob, Rule
from exchange.members.models import Admission, Proposal
from exchange.members.roles import Kind
from tests.factories import accounts, members
from tests.factories.members import Exchange

pytestmark = pytest.mark.django_db

LISTS = [
    "members_admission",
    "members_proposal",
    "accounts_organisation",
    "accounts_user",
    "accounts_membership",
    "ledger_account",
    "ledger_journalentry",
    "ledger_transfer",
    "audit_record",
    "audit_head",
    "core_rule",
    "core_calendaryear",
    "core_outboxjob",
]
QUERIES_MAX = 10
PAGES = ["index", "schedules", "trial_balance", *(f"{name}_changelist" for name in LISTS)]


def a_row_of_each(exchange: Exchange) -> list[str]:
    """The address of one row's page for each table that has rows here."""
    seller = accounts.an_organisation(name="A seller")
    applied = members.an_application(seller)
    exchange.verify(applied)
    pages = {
        "members_admission": Admission.objects.all()[0].pk,
        "accounts_organisation": seller.pk,
        "accounts_user": exchange.first.pk,
        "core_rule": Rule.objects.get(pack__code="cn-2026-07", key="soe.extension_days").pk,
        "core_calendaryear": CalendarYear.objects.get(year=2026).pk,
        "audit_record": Record.objects.order_by("-pk")[0].pk,
    }
    return [reverse(f"console:{name}_change", args=[pk]) for name, pk in pages.items()]


def test_operators_and_regulators_read_every_page(operator: Client, regulator: Client) -> None:
    for page in PAGES:
        assert operator.get(reverse(f"console:{page}")).status_code == 200, page
        assert regulator.get(reverse(f"console:{page}")).status_code == 200, page


def test_operators_and_regulators_read_every_row(
    exchange: Exchange, operator: Client, regulator: Client
) -> None:
    for address in a_row_of_each(exchange):
        assert operator.get(address).status_code == 200, address
        assert regulator.get(address).status_code == 200, address


def test_who_is_not_signed_in_is_sent_to_the_one_sign_in() -> None:
    for page in PAGES:
        address = reverse(f"console:{page}")
        answer = Client().get(address)
        assert answer.status_code == 302
        assert answer["Location"] == f"{reverse('account_login')}?next={address}"


def test_for_a_stranger_the_console_does_not_exist(exchange: Exchange, signed_in: Any) -> None:
    stranger = signed_in(accounts.a_user())
    owner = signed_in(accounts.owner_of(accounts.an_organisation()))
    for page in PAGES:
        assert stranger.get(reverse(f"console:{page}")).status_code == 404, page
        assert owner.get(reverse(f"console:{page}")).status_code == 404, page


def test_the_flags_of_staff_and_superuser_open_nothing(exchange: Exchange, signed_in: Any) -> None:
    flagged = accounts.a_user()
    flagged.is_staff = flagged.is_superuser = True
    flagged.save()
    assert signed_in(flagged).get(reverse("console:index")).status_code == 404


def test_an_operator_without_a_second_factor_stays_outside(
    exchange: Exchange, operator: Client, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    assert operator.get(reverse("console:core_rule_changelist")).status_code in {302, 404}


def test_no_row_can_be_added_changed_or_deleted_by_a_form(
    exchange: Exchange, operator: Client
) -> None:
    rule = Rule.objects.get(pack__code="cn-2026-07", key="soe.extension_days")
    address = reverse("console:core_rule_change", args=[rule.pk])
    assert operator.post(address, {"key": "reg.other"}).status_code == 403
    assert (
        operator.post(reverse("console:core_rule_changelist"), {"action": "x"}).status_code == 200
    )
    for gone in ("add/", f"{rule.pk}/delete/", f"{rule.pk}/history/"):
        answer = operator.post(reverse("console:core_rule_changelist") + gone)
        assert answer.status_code == 404, gone
    rule.refresh_from_db()
    assert rule.key == "soe.extension_days"


def test_only_the_console_may_evaluate_expressions(exchange: Exchange, operator: Client) -> None:
    inside = operator.get(reverse("console:index"))["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval'" in inside
    assert "default-src 'none'" in inside
    assert "'unsafe-inline'" not in re.search(r"script-src[^;]*", inside).group()  # type: ignore[union-attr]
    outside = operator.get(reverse("web:home"))["Content-Security-Policy"]
    assert "unsafe" not in outside


def test_no_page_has_an_inline_script_or_handler(exchange: Exchange, operator: Client) -> None:
    for page in PAGES:
        html = operator.get(reverse(f"console:{page}")).content.decode()
        assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", html) == [], page
        assert re.findall(r"\son(?:click|change|submit|load)=", html) == [], page


def queries_of(client: Client, name: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(reverse(f"console:{name}_changelist")).status_code == 200
    return [query["sql"] for query in captured.captured_queries]


def a_few_more_rows(first: int, last: int) -> None:
    for number in range(first, last):
        members.an_application(accounts.an_organisation(name=f"Seller {number}"))
        OutboxJob.objects.create(topic="core.test", dedupe_key=str(number), payload={})


def test_no_list_is_counted_and_each_asks_the_same_however_long_it_is(
    exchange: Exchange, operator: Client
) -> None:
    a_few_more_rows(0, 2)
    operator.get(reverse("console:index"))
    few = {name: queries_of(operator, name) for name in LISTS}
    a_few_more_rows(2, 5)
    for name in LISTS:
        assert [sql for sql in few[name] if "COUNT(*)" in sql] == [], name
        assert len(few[name]) <= QUERIES_MAX, name
        assert len(queries_of(operator, name)) == len(few[name]), name


def test_the_overview_asks_a_bounded_number_of_questions(
    exchange: Exchange, operator: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(30):
        html = operator.get(reverse("console:index")).content.decode()
    for word in (
        "Admissions waiting",
        "Dead letters",
        "Records without an index",
        "Size of the log",
    ):
        assert word in html


def test_the_overview_counts_what_waits(exchange: Exchange, operator: Client) -> None:
    members.an_application(accounts.an_organisation())
    OutboxJob.objects.create(
        topic="core.test", dedupe_key="1", payload={}, state="dead", finished_at=members.NOON
    )
    for attempts in (0, 3):
        OutboxJob.objects.create(
            topic="core.test", dedupe_key=f"tried {attempts}", payload={}, attempts=attempts
        )
    queues = {q.title: q for q in operator.get(reverse("console:index")).context["queues"]}
    assert queues["Admissions waiting"].figure == "1"
    failing = queues["Work that is failing now"]
    assert (failing.figure, failing.tone) == ("1", "warning")
    page = operator.get(failing.link).content.decode()
    assert "tried 3" in page
    assert "tried 0" not in page
    assert queues["Dead letters"].figure == "1"
    assert queues["Dead letters"].tone == "danger"
    assert queues["Records without an index"].figure == f"{Record.objects.count():,}"


def test_what_is_not_a_fact_is_labelled_decision_support(
    exchange: Exchange, operator: Client
) -> None:
    html = operator.get(reverse("console:core_rule_changelist") + "?q=list.").content.decode()
    assert "decision support" in html.split("list.quality_score", 1)[1]


def test_a_page_number_beyond_the_bound_is_refused(exchange: Exchange, operator: Client) -> None:
    answer = operator.get(reverse("console:audit_record_changelist") + "?p=201")
    assert answer.status_code == 302
    assert answer["Location"].endswith("?e=1")


def test_the_console_speaks_chinese(exchange: Exchange, operator: Client) -> None:
    operator.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    html = operator.get(reverse("console:core_rule_changelist")).content.decode()
    assert "国有资产处置：无人受让时的最短延长周期" in html
    assert '<html lang="zh-hans"' in html


def test_heads_and_proposals_are_read(exchange: Exchange, operator: Client) -> None:
    applied = members.an_application(accounts.an_organisation())
    exchange.qualify(exchange.verify(applied), [Kind.SELLER])
    proposal = Proposal.objects.all()[0]
    assert (
        operator.get(reverse("console:members_proposal_change", args=[proposal.pk])).status_code
        == 200
    )
    assert Head.objects.exists() is False
