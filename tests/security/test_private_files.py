"""Files are for the account of the exchange alone, and log lines open nothing."""

import logging
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.core.mail import EmailMessage
from django.core.mail.backends.filebased import EmailBackend

from exchange.local import processes
from exchange.settings.logs import hide_paths
from tests.architecture.floors import PROJECT

FILE, FOLDER = 0o600, 0o700


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_documents_and_mail_are_for_their_owner_alone(tmp_path: Path) -> None:
    storage = FileSystemStorage(location=tmp_path / "media")
    storage.save("contracts/a.pdf", ContentFile(b"%PDF"))
    EmailBackend(file_path=str(tmp_path / "mail")).send_messages(
        [EmailMessage("s", "b", to=["a@b.cn"])]
    )
    for path in (tmp_path / "media", tmp_path / "mail"):
        for made in (path, *path.rglob("*")):
            assert mode_of(made) == (FOLDER if made.is_dir() else FILE), made


def test_a_log_of_an_earlier_release_is_closed_when_it_is_continued(tmp_path: Path) -> None:
    old, fresh = tmp_path / "web.log", tmp_path / "worker.log"
    old.write_text("before\n")
    old.chmod(0o644)
    for log in (old, fresh):
        with processes.private_log(log) as output:
            output.write(b"after\n")
        assert mode_of(log) == FILE
    assert old.read_text() == "before\nafter\n"


@pytest.mark.parametrize(("prefix", "mask"), [("", 0o077), ("/vault/", 0o027)])
def test_a_proxy_that_sends_downloads_reads_with_its_group(prefix: str, mask: int) -> None:
    told = "import os; from exchange.settings import base; print(oct(os.umask(0)))"
    answer = subprocess.run(
        [sys.executable, "-c", told],
        cwd=PROJECT,
        env={**os.environ, "DELIVERY_ACCEL_PREFIX": prefix},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == oct(mask)


SECRETS = [
    "/invitations/Jv3kQ0rT9xAbCdEfGh1234567890/",
    "/accounts/password/reset/key/1-cr2abc-0123456789abcdef0123456789abcdef/",
    "/accounts/confirm-email/MQ:1uABCd:0fK3lmnopQRSTuvwxyz/",
    "/d/WyJlbnRfMDEiLCJ0YWIi:k3Jd93hf_Kd82.csv",
    "/search?token=0123456789abcdef",
    "https://exchange.cn/invitations/Jv3kQ0rT9xAbCdEfGh1234567890/?next=/",
]


@pytest.mark.parametrize("path", SECRETS)
@pytest.mark.parametrize("line", ["Forbidden: {}", 'GET {} HTTP/1.1" 403', "{}"])
def test_a_refused_path_is_logged_without_what_it_opens(path: str, line: str) -> None:
    logged = hide_paths(None, "warning", {"event": line.format(path), "path": path})
    for text in (logged["event"], logged["path"]):
        assert "***" in text
        assert not any(
            part in text for part in ("Jv3kQ0", "cr2abc", "0123456789abcdef", "k3Jd", "0fK3")
        )


def test_words_and_ids_in_paths_stay() -> None:
    path = "/orders/ord_06f3k9abcdefghjkmnpqrstvwx/accept/"
    assert (
        hide_paths(None, "info", {"event": f"Not Found: {path}"})["event"] == f"Not Found: {path}"
    )


def test_what_django_says_of_a_refused_request_passes_the_same_way() -> None:
    handler = logging.getLogger().handlers
    formatters = [one.formatter for one in handler if one.formatter is not None]
    record = logging.LogRecord(
        "django.request", logging.WARNING, __file__, 1, "Not Found: %s", (SECRETS[0],), None
    )
    ours = [text for one in formatters if "ProcessorFormatter" in type(one).__name__
            for text in [one.format(record)]]  # fmt: skip
    assert ours
    assert all("Jv3kQ0" not in text for text in ours)
