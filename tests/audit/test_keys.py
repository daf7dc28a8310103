"""The signing key: where it comes from, who may read it, and its retired predecessors."""

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django.fixtures import Settings

from exchange.audit import keys, verify
from exchange.audit.verify import Checkpoint, Unproven, VerifierKey

CHECKPOINT = Checkpoint("log.test/log", 1, b"r" * 32, "2026-03-02T12:00:00.000000Z")


def test_a_signed_note_has_the_form_that_other_programs_read() -> None:
    body, _, signature = keys.sign(CHECKPOINT).partition("\n\n")
    assert body == (
        "log.test/log\n1\ncnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI=\n"
        "time 2026-03-02T12:00:00.000000Z"
    )
    dash, name, encoded = signature.removesuffix("\n").split(" ")
    assert (dash, name) == ("—", "log.test/log")
    material = base64.b64decode(encoded)
    assert material[:4] == keys.verifier_key().hash
    assert len(material) == 68


def test_the_published_example_of_a_verifier_key_is_read_and_written_back() -> None:
    vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    assert str(VerifierKey.parse(vkey)) == vkey


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T",
        "PeterNeumann+c74f20a3+AhpC2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_a_mistyped_key_is_refused(vkey: str) -> None:
    with pytest.raises(Unproven):
        VerifierKey.parse(vkey)


@pytest.mark.parametrize(
    "change",
    [("log.test", "log.best"), ("\n1\n", "\n2\n"), ("cnJy", "cnJz"), ("12:00", "12:01")],
)
def test_a_changed_checkpoint_no_longer_carries_its_signature(change: tuple[str, str]) -> None:
    note = keys.sign(CHECKPOINT)
    assert verify.open_checkpoint(note, keys.verifier_keys()) == CHECKPOINT
    with pytest.raises(Unproven):
        verify.open_checkpoint(note.replace(*change, 1), keys.verifier_keys())


def test_without_a_key_in_the_environment_the_instance_keeps_one_for_its_owner(
    settings: Settings, tmp_path: Path
) -> None:
    settings.AUDIT_SIGNING_KEY = ""
    settings.INSTANCE_DIR = tmp_path / "instance"
    key = keys.verifier_key()
    file = tmp_path / "instance" / "audit.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(base64.b64decode(file.read_text())) == 32
    assert keys.verifier_key() == key
    assert [one.name for one in file.parent.iterdir()] == ["audit.key"]


def test_processes_that_start_together_make_one_key(tmp_path: Path) -> None:
    file = tmp_path / "audit.key"
    with ThreadPoolExecutor(8) as pool:
        seeds = set(pool.map(keys.kept_in, [file] * 8))
    assert len(seeds) == 1
    assert [one.name for one in tmp_path.iterdir()] == ["audit.key"]


@pytest.mark.parametrize("seed", ["not base64!", base64.b64encode(b"short").decode()])
def test_a_key_that_is_none_is_refused(settings: Settings, seed: str) -> None:
    settings.AUDIT_SIGNING_KEY = seed
    with pytest.raises(ImproperlyConfigured):
        keys.verifier_key()


def test_heads_of_a_retired_key_still_verify(settings: Settings) -> None:
    note = keys.sign(CHECKPOINT)
    old = str(keys.verifier_key())
    settings.AUDIT_SIGNING_KEY = base64.b64encode(b"n" * 32).decode()
    with pytest.raises(Unproven, match="No signature"):
        verify.open_checkpoint(note, keys.verifier_keys())
    settings.AUDIT_RETIRED_KEYS = [old]
    assert verify.open_checkpoint(note, keys.verifier_keys()) == CHECKPOINT
