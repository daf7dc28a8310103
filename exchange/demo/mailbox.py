"""The demo's mails: kept as files instead of being sent, and read again for the page that shows them.

Nothing in a mail is trusted: its name is one that was given here, a header that cannot be read is left
out, of HTML only the words are shown, and of what is attached the name and no more.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from html import unescape
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage as Outgoing
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.html import strip_tags

from exchange.core import clock

MAILS_MAX = 50
BYTES_MAX = 256 * 1024
HEADER_CHARS_MAX = 300
ATTACHMENTS_MAX = 20
# When it was written, to the microsecond, and eight letters: in the order of names lies that of time.
NAME = r"[0-9]{8}T[0-9]{12}-[0-9a-f]{8}"
STAMP = "%Y%m%dT%H%M%S%f"
_LINK = re.compile(r"https?://[^\s<>\"'`]+")
_UNSEEN = re.compile(r"(?is)<(script|style|head|title)\b.*?</\1\s*>")
_BREAKS = re.compile(r"(?i)<(?:br|/p|/div|/tr|/h[1-6]|/li)\s*/?>")


@dataclass(frozen=True)
class Piece:
    """Some text of a mail; with `url` it is a link, which `is_ours` when it leads to this exchange."""

    text: str
    url: str = ""
    is_ours: bool = False


@dataclass(frozen=True)
class Mail:
    """A mail as the page shows it."""

    name: str
    written_at: datetime
    subject: str
    recipients: str
    pieces: tuple[Piece, ...] = ()
    attachments: tuple[str, ...] = ()


class Backend(BaseEmailBackend):
    """Keeps each mail as a file of its own under settings.INSTANCE_DIR."""

    def send_messages(self, email_messages: Sequence[Outgoing]) -> int:
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            stamp = clock.now().astimezone(UTC).strftime(STAMP)
            kept = folder / f"{stamp}-{secrets.token_hex(4)}.eml"
            begun = kept.with_suffix(".part")
            begun.write_bytes(message.message().as_bytes())
            begun.rename(kept)
        return len(email_messages)


def newest() -> list[Mail]:
    """The newest mails, the latest first, without their text."""
    folder = _folder()
    if not folder.is_dir():
        return []
    names = [path.stem for path in folder.glob("*.eml") if re.fullmatch(NAME, path.stem)]
    found = (_read(name, whole=False) for name in sorted(names, reverse=True)[:MAILS_MAX])
    return [mail for mail in found if mail is not None]


def mail_named(name: str) -> Mail | None:
    """The mail of that name; None where there is none."""
    return _read(name, whole=True) if re.fullmatch(NAME, name) else None


def _folder() -> Path:
    return Path(settings.INSTANCE_DIR) / "mail"


def _read(name: str, *, whole: bool) -> Mail | None:
    path = _folder() / f"{name}.eml"
    written_at = _written_at(name)
    if path.is_symlink() or not path.is_file() or written_at is None:
        return None
    with path.open("rb") as file:
        message = message_from_bytes(file.read(BYTES_MAX), policy=policy.default)
    return Mail(
        name=name,
        written_at=written_at,
        subject=_header(message, "Subject"),
        recipients=_header(message, "To"),
        pieces=tuple(pieces_of(_text(message))) if whole else (),
        attachments=_attachments(message) if whole else (),
    )


def _written_at(name: str) -> datetime | None:
    try:
        return datetime.strptime(name.partition("-")[0], STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def _header(message: EmailMessage, name: str) -> str:
    try:
        value = str(message.get(name) or "")
    except (ValueError, LookupError, AttributeError):  # what its parser stumbles over
        return ""
    return _line(value)


def _line(text: str) -> str:
    """Words of a header on one line; bytes that are no letters are question marks."""
    return " ".join(text.encode("utf-8", "replace").decode().split())[:HEADER_CHARS_MAX]


def _text(message: EmailMessage) -> str:
    """The plain text; of a mail that has none, the words of its HTML."""
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        text = "" if part is None else _content(part)
        if text.strip():
            return text if kind == "plain" else _words(text)
    return ""


def _words(html: str) -> str:
    return unescape(strip_tags(_BREAKS.sub("\n", _UNSEEN.sub("", html)))).strip()


def _content(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        return payload.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:  # no such encoding
        return payload.decode("utf-8", "replace")


def _attachments(message: EmailMessage) -> tuple[str, ...]:
    names = [_line(str(part.get_filename() or "")) for part in message.iter_attachments()]
    return tuple(names[:ATTACHMENTS_MAX])


def pieces_of(text: str) -> list[Piece]:
    """The text, cut at its links. One to this exchange leads there whatever its host is called today."""
    pieces, at = list[Piece](), 0
    for found in _LINK.finditer(text):
        url = found[0].rstrip(".,;:!?)]}。，；：！？）")
        start, end = found.start(), found.start() + len(url)
        if start > at:
            pieces.append(Piece(text[at:start]))
        own = url.removeprefix(settings.PUBLIC_URL)
        is_ours = own != url and own.startswith("/") and not own.startswith("//")
        pieces.append(Piece(url, own if is_ours else url, is_ours))
        at = end
    if at < len(text):
        pieces.append(Piece(text[at:]))
    return pieces
