"""`verify.py` in the hands of an outsider: one file, no project, no Django."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from exchange.audit import keys, queries, verify
from exchange.audit.models import Head
from tests.factories.audit import sequenced

pytestmark = pytest.mark.django_db
PROGRAM = Path(verify.__file__)
# Runs the program as its own main module and fails if it pulled in anything of the project.
ALONE = """
import runpy, sys
sys.argv = ["verify.py", *sys.argv[1:]]
try:
    runpy.run_path("verify.py", run_name="__main__")
finally:
    assert not {"django", "exchange", "rfc8785"} & set(sys.modules), "not alone"
"""


class Desk:
    """A folder with nothing but the program and what was downloaded."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copy(PROGRAM, folder / "verify.py")

    def keep(self, name: str, content: str | dict[str, Any]) -> str:
        text = content if isinstance(content, str) else json.dumps(content)
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    def run(self, *words: str) -> tuple[int, list[str]]:
        done = subprocess.run(
            [sys.executable, "-I", "-c", ALONE, *words],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr == ""
        return done.returncode, done.stdout.splitlines()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def bundle(index: int) -> dict[str, Any]:
    return dict(queries.bundle(queries.leaf_at(index), with_canonical=True))


def test_a_downloaded_bundle_is_proven_and_says_what_was_checked(desk: Desk) -> None:
    ids = sequenced(5)
    code, said = desk.run(desk.keep("b.json", bundle(3)), "--key", str(keys.verifier_key()))
    assert code == 0
    assert said[-1] == "PROVEN"
    assert said[0].startswith("ok  log.test/log signed a log of 5 records")
    assert said[-2] == f"ok  {ids[3]} is record number 3 of it, proven by 3 hashes."


def test_an_altered_bundle_is_not_proven(desk: Desk) -> None:
    sequenced(5)
    forged = bundle(3)
    forged["canonical"] = forged["canonical"].replace("auc_3", "auc_4")
    key = str(keys.verifier_key())
    assert desk.run(desk.keep("b.json", forged), "--key", key) == (
        1,
        ["NOT PROVEN: The record does not have the hash that the bundle names."],
    )


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("index", 2),
        ("size", 4),
        ("record", "rec_other"),
        ("leaf_hash", "00" * 32),
        ("path", []),
        ("path", "none"),
        ("checkpoint", ""),
        ("checkpoint", None),
        ("index", "x"),
    ],
)
def test_every_member_of_a_bundle_counts(member: str, value: object) -> None:
    sequenced(5)
    with pytest.raises((verify.Unproven, ValueError)):
        verify.check_bundle({**bundle(3), member: value}, keys.verifier_key())


def test_a_bundle_under_another_key_is_not_proven(desk: Desk) -> None:
    sequenced(2)
    other = str(verify.VerifierKey(name="log.test/log", public=b"k" * 32))
    code, said = desk.run(desk.keep("b.json", bundle(1)), "--key", other)
    assert (code, said) == (
        1,
        ["NOT PROVEN: No signature of the given key is under this text."],
    )


@pytest.mark.parametrize("content", ["", "[]", "{}", "null", '{"checkpoint": 1}'])
def test_what_is_no_proof_is_not_proven(desk: Desk, content: str) -> None:
    code, said = desk.run(desk.keep("b.json", content), "--key", str(keys.verifier_key()))
    assert code == 1
    assert said[0].startswith("NOT PROVEN: ")


def test_two_saved_checkpoints_are_shown_to_continue_each_other(desk: Desk) -> None:
    sequenced(7, batches=2)
    path = queries.consistency_path(old_size=4, new_size=7)
    words = [
        "consistency",
        desk.keep("p.json", {"path": [one.hex() for one in path]}),
        "--old",
        desk.keep("old.txt", Head.objects.get(tree_size=4).checkpoint),
        "--new",
        desk.keep("new.txt", Head.objects.get(tree_size=7).checkpoint),
        "--key",
        str(keys.verifier_key()),
    ]
    code, said = desk.run(*words)
    assert (code, said[-1]) == (0, "PROVEN")
    desk.keep("p.json", {"path": ["00" * 32]})
    assert desk.run(*words) == (
        1,
        ["NOT PROVEN: The new tree does not contain the old one unchanged."],
    )


def test_no_key_is_taken_from_the_bundle_itself(desk: Desk) -> None:
    sequenced(1)
    done = subprocess.run(
        [sys.executable, "-I", "verify.py", desk.keep("b.json", bundle(0))],
        cwd=desk.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "--key" in done.stderr
