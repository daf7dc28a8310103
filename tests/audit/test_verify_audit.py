"""The command: it ends with 1, names every difference and holds the log to saved checkpoints."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command

from exchange.audit.models import Head
from tests.factories.audit import tamper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_coverage_rules_of_other_rooms")]


def command(*words: str) -> tuple[int, list[str]]:
    output = io.StringIO()
    code = 0
    try:
        call_command("verify_audit", *words, stdout=output)
    except SystemExit as ended:
        code = int(str(ended.code))
    return code, output.getvalue().splitlines()


def test_the_command_ends_with_1_and_names_every_difference(ids: list[str]) -> None:
    assert command()[0] == 0
    tamper(
        "UPDATE audit_record SET actor = 'user:usr_9' WHERE public_id = ANY(%(ids)s)", ids=ids[:2]
    )
    code, lines = command()
    assert code == 1
    assert lines[:2] == [
        f"DIFFERENT  record: Columns differ from the record: actor.  [{public_id}]"
        for public_id in ids[:2]
    ]
    code, lines = command("--json")
    assert code == 1
    assert [json.loads(line)["records"] for line in lines[:2]] == [[ids[0]], [ids[1]]]
    assert json.loads(lines[-1])["findings"] == 2


def test_a_log_cut_back_to_an_earlier_head_fails_against_a_saved_checkpoint(
    ids: list[str], tmp_path: Path
) -> None:
    saved = tmp_path / "checkpoint"
    saved.write_text(Head.objects.get(tree_size=7).checkpoint)
    assert command("--against", str(saved))[0] == 0
    tamper("DELETE FROM audit_head WHERE tree_size = 7")
    tamper("DELETE FROM audit_node WHERE level = 1 AND index = 2")
    tamper(
        "WITH gone AS (DELETE FROM audit_leaf WHERE index >= 4 RETURNING record_id)"
        " DELETE FROM audit_record USING gone WHERE id = record_id"
    )
    assert command()[0] == 0
    code, lines = command("--against", str(saved))
    assert code == 1
    assert lines[0].startswith("DIFFERENT  saved checkpoint: The log has 4 records")


def test_a_rewritten_log_fails_against_a_saved_checkpoint(ids: list[str], tmp_path: Path) -> None:
    saved = tmp_path / "checkpoint"
    saved.write_text(Head.objects.get(tree_size=4).checkpoint)
    tamper("UPDATE audit_node SET hash = sha256('forged') WHERE level = 2 AND index = 0")
    code, lines = command("--against", str(saved))
    assert code == 1
    assert (
        "DIFFERENT  saved checkpoint: The first 4 records are not those that it was signed for."
        in lines
    )
