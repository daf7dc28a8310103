import json
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.utils import translation

from exchange.core import rules
from exchange.core.models import Rule, RulePack, RuleVersion
from exchange.core.rules import PACKS, RuleValueInvalid, UnknownRule, rule_key, rule_keys
from exchange.core.seed_rules import load_starting_values
from exchange.members import rule_packs
from pricing.money import Money
from tests.factories.core import NOON, OPERATOR, amend

pytestmark = pytest.mark.django_db


def stored() -> list[tuple[Any, ...]]:
    rows = RuleVersion.objects.filter(rule__key="soe.extension_days").order_by("number")
    return list(rows.values_list("number", "value", "valid_from", "valid_until"))


def test_the_default_pack_says_what_the_law_says() -> None:
    assert settings.DEFAULT_RULE_PACK == "cn-2026-07"
    extension = rules.rule(key="soe.extension_days", at=NOON)
    assert extension.as_int() == 5
    assert extension.version == "cn-2026-07/soe.extension_days@1"
    assert extension.tag == "F"
    assert extension.decision_support_only is False
    assert "第32号" in extension.source


def test_each_kind_of_value_reads_as_its_type() -> None:
    found = rules.rules(at=NOON)
    assert found["soe.consent_below_share"].as_decimal() == Decimal("0.90")
    assert found["settlement.payout_smallest"].as_money() == Money(100, "CNY")
    with pytest.raises(TypeError):
        found["settlement.payout_smallest"].as_int()


def test_a_choice_of_the_house_is_never_more_than_decision_support() -> None:
    found = rules.rules(at=NOON)
    assert found["list.quality_score"].decision_support_only is True
    assert found["soe.deposit_share"].decision_support_only is True
    assert found["soe.extension_days"].decision_support_only is False


def test_a_rule_has_its_name_in_the_readers_language() -> None:
    with translation.override("zh-hans"):
        assert rule_key("soe.extension_days").label == "国有资产处置：无人受让时的最短延长周期"
    with translation.override("de"):
        assert rule_key("soe.extension_days").label == (
            "State assets: shortest extension when no buyer came forward"
        )


def test_a_rule_is_unknown_before_it_was_in_force_and_where_no_pack_has_it() -> None:
    before = datetime(2016, 6, 23, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    with pytest.raises(UnknownRule):
        rules.rule(key="soe.extension_days", at=before)
    assert rules.rule(key="soe.extension_days", at=before + timedelta(minutes=1)).number == 1
    RulePack.objects.create(code="other", jurisdiction="CN", labels={"en": "Another"})
    with pytest.raises(UnknownRule):
        rules.rule(key="soe.extension_days", at=NOON, pack="other")
    with pytest.raises(UnknownRule):
        rule_key("soe.no_such_rule")


def test_all_rules_of_a_pack_are_read_in_one_query(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        found = rules.rules(at=NOON)
        labels = [version.version + version.label for version in found.values()]
    assert len(labels) == len(json.loads((PACKS / "cn-2026-07.json").read_text())["rules"])


def test_every_declared_rule_stands_in_a_pack_and_every_label_in_both_languages() -> None:
    in_packs = set(Rule.objects.values_list("key", flat=True))
    assert in_packs == set(rule_keys())
    assert {tuple(sorted(key.labels)) for key in rule_keys().values()} == {("en", "zh-hans")}


def test_an_amendment_closes_the_old_version_and_opens_a_new_one() -> None:
    start = rules.rule(key="soe.extension_days", at=NOON).valid_from
    new = amend()
    assert new.version == "cn-2026-07/soe.extension_days@2"
    assert stored() == [(1, 5, start, NOON), (2, 7, NOON, None)]
    assert rules.rule(key="soe.extension_days", at=NOON - timedelta(microseconds=1)).as_int() == 5
    assert rules.rule(key="soe.extension_days", at=NOON).as_int() == 7
    assert [v.number for v in rules.history(pack="cn-2026-07", key="soe.extension_days")] == [2, 1]


@pytest.mark.parametrize(
    "value",
    ["1e-9999999", "1e9999999", "0.1300000000000000000000001", "1_0", "０.1", "9" * 5000, 0.13],
)
def test_a_share_that_no_tax_can_be_reckoned_with_is_refused(value: object) -> None:
    with pytest.raises(RuleValueInvalid) as refused:
        rule_key("fee.vat_rate").check(value)
    assert len(str(refused.value)) < 200


def test_a_zero_below_zero_is_zero() -> None:
    assert [rule_key("fee.vat_rate").check(value) for value in ("-0", "-0.00", "0.130")] == [
        "0", "0.00", "0.130",
    ]  # fmt: skip


def test_a_version_planned_for_later_keeps_its_day_when_one_is_put_before_it() -> None:
    later = NOON + timedelta(days=30)
    amend(value=9, valid_from=later)
    amend(value=7, valid_from=NOON + timedelta(days=1))
    start = rules.rule(key="soe.extension_days", at=NOON).valid_from
    day = NOON + timedelta(days=1)
    assert stored() == [(1, 5, start, day), (2, 9, later, None), (3, 7, day, later)]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"valid_from": NOON - timedelta(seconds=1)}, rule_packs.AmendmentInThePast),
        ({"value": 5, "tag": "F", "source": "same"}, rule_packs.RuleUnchanged),
        ({"value": -1}, RuleValueInvalid),
        ({"value": 251}, RuleValueInvalid),
        ({"value": "5.5"}, RuleValueInvalid),
        ({"value": 5.0}, RuleValueInvalid),
        ({"value": True}, RuleValueInvalid),
        ({"value": 2**63}, RuleValueInvalid),
        ({"value": "NaN"}, RuleValueInvalid),
        ({"value": None}, RuleValueInvalid),
        ({"value": [5]}, RuleValueInvalid),
        ({"tag": "X"}, rule_packs.AmendmentUnfounded),
        ({"source": "  "}, rule_packs.AmendmentUnfounded),
        ({"reason": ""}, rule_packs.AmendmentUnfounded),
        ({"key": "soe.no_such_rule"}, UnknownRule),
        ({"pack": "cn-1999"}, UnknownRule),
    ],
)
def test_a_bad_amendment_is_refused_and_changes_nothing(
    changes: dict[str, object], refusal: type[Exception]
) -> None:
    if changes.get("source") == "same":
        changes = changes | {"source": rules.rule(key="soe.extension_days", at=NOON).source}
    before = stored()
    with pytest.raises(refusal):
        amend(**changes)
    assert stored() == before


def test_two_versions_cannot_begin_at_one_moment() -> None:
    amend()
    before = stored()
    with pytest.raises(rule_packs.AmendmentCollides):
        amend(value=8)
    assert stored() == before


@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("fee.service_rate", "0.015", "0.015"),
        ("fee.service_rate", Decimal("0.0150"), "0.0150"),
        ("settlement.payout_smallest", "6000000000", 6_000_000_000),
    ],
)
def test_a_value_is_kept_exactly_as_it_was_written(key: str, value: object, kept: object) -> None:
    assert amend(key=key, value=value).value == kept


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("fee.service_rate", "1.01"),
        ("fee.service_rate", 0.02),
        ("settlement.payout_smallest", "100.5"),
        ("settlement.payout_smallest", "a lot"),
    ],
)
def test_a_value_of_another_kind_is_refused(key: str, value: object) -> None:
    with pytest.raises(RuleValueInvalid) as caught:
        amend(key=key, value=value)
    assert caught.value.facts["key"] == key


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("UPDATE core_ruleversion SET value = '6' WHERE number = 1", "rule_version_never_changes"),
        # Rows come in any order, and of one that has the tag nothing would change.
        ("UPDATE core_ruleversion SET tag = 'D' WHERE tag <> 'D'", "rule_version_never_changes"),
        ("UPDATE core_ruleversion SET valid_until = NULL", "rule_version_ends_once"),
        ("DELETE FROM core_ruleversion", "rule_version_is_kept"),
        ("TRUNCATE core_ruleversion", "rule_version_is_kept"),
    ],
)
def test_the_database_lets_nobody_rewrite_a_version(statement: str, name: str) -> None:
    amend()
    before = stored()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError) as caught, transaction.atomic():
            cursor.execute(statement)
    assert caught.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]
    assert stored() == before


def test_the_database_lets_no_two_versions_of_a_rule_overlap() -> None:
    first = rules.rule(key="soe.extension_days", at=NOON)
    with pytest.raises(IntegrityError, match="rule_has_one_version_at_a_time"):
        RuleVersion.objects.create(
            rule=first.rule,
            number=2,
            value=7,
            tag="D",
            source="x",
            valid_from=NOON,
            written_by=OPERATOR,
        )


def test_loading_again_adds_nothing_asks_little_and_keeps_amendments(
    django_assert_num_queries: Any,
) -> None:
    amend()
    before = stored()
    with django_assert_num_queries(2):
        load_starting_values(apps=apps)
    assert stored() == before


def test_a_rule_that_a_new_release_ships_is_added_beside_the_others() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        RuleVersion.objects.filter(rule__key="soe.extension_days").delete()
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    count = RuleVersion.objects.count()
    load_starting_values(apps=apps)
    assert RuleVersion.objects.count() == count + 1
    assert rules.rule(key="soe.extension_days", at=NOON).as_int() == 5
    assert RulePack.objects.count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_many_who_amend_a_rule_at_once_each_gets_a_number_and_a_time_of_its_own() -> None:
    moments = [NOON + timedelta(hours=hour) for hour in range(8)]
    gate = threading.Barrier(len(moments))
    failures: list[Exception] = []

    def amend_at(moment: datetime) -> None:
        try:
            gate.wait(timeout=20)
            amend(value=moment.hour + 1, valid_from=moment)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test names it
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=amend_at, args=(moment,)) for moment in moments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert failures == []
    versions = RuleVersion.objects.filter(rule__key="soe.extension_days").order_by("valid_from")
    assert sorted(version.number for version in versions) == list(range(1, 10))
    assert [v.valid_until for v in versions] == [*[v.valid_from for v in versions][1:], None]
