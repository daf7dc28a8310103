"""Text of any encoding becomes UTF-8, once, before anything looks at its rows."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from exchange.vault.reading import errors
from exchange.vault.reading.dialect import previewed
from exchange.vault.reading.documents import Note
from exchange.vault.reading.letters import strangeness, telling
from exchange.vault.reading.questions import (
    NO_ANSWERS,
    ROWS_SHOWN,
    Answers,
    Asked,
    Option,
    Question,
    ask,
)

STEP_BYTES = 1024 * 1024
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CHANCE_SHARE = 0.05
JUDGED_LINES = 100_000
LINE_BYTES_MAX = 64 * 1024 * 1024
# What text without a mark may be in, the likelier one first where two fit equally well.
GUESSED = {
    "gb18030": gettext_noop("Chinese (GB18030)"),
    "cp1252": gettext_noop("Western European (Windows-1252)"),
    "big5": gettext_noop("Traditional Chinese (Big5)"),
    "cp1251": gettext_noop("Cyrillic (Windows-1251)"),
    "cp1250": gettext_noop("Central European (Windows-1250)"),
    "koi8-r": gettext_noop("Cyrillic (KOI8-R)"),
    "cp866": gettext_noop("Cyrillic (code page 866)"),
    "cp932": gettext_noop("Japanese (Shift-JIS)"),
    "euc_jp": gettext_noop("Japanese (EUC-JP)"),
    "cp1253": gettext_noop("Greek (Windows-1253)"),
}
LATIN = frozenset({"cp1252", "cp1250"})
WORDS_JUDGED = 5_000
TELLING_BYTES_MAX = 1024 * 1024
# Readings are offered whose share of strange words is so little above the least; more where few words tell.
NEAR, NEAR_OF_FEW = 0.15, 0.6
TELLING_MIN = 4


@dataclass(frozen=True)
class Text:
    """A file of valid UTF-8 without a byte order mark, and what it was before."""

    path: Path
    encoding: str
    notes: tuple[Note, ...] = ()
    questions: tuple[Question, ...] = ()


def as_utf8(path: Path, *, into: Path, place: str = "", answers: Answers = NO_ANSWERS) -> Text:
    """`path` itself when it is UTF-8 already; otherwise a copy in UTF-8. The original stays. Where two
    encodings fit, it is asked which one it is."""
    with path.open("rb") as file:
        head = file.read(64 * 1024)
    declared = next((name for bom, name in BOMS if head.startswith(bom)), None)
    declared = declared or _utf16_without_mark(head)
    if declared is None and _is(path, "utf-8"):
        return Text(path, "utf-8")
    target = into / f"{path.name}.utf8"
    if declared is not None and _copied(path, declared, target):
        return Text(target, declared)
    if b"\0" in head:
        raise errors.NotATable(
            _("The file is neither text nor one of the formats that can be read.")
        )
    if _has_lines_in_utf8(path):
        return _line_by_line(path, target)
    fitting, is_near = _ranked(path)
    questions = (_question(path, fitting, place, answers),) if is_near else ()
    taken = questions[0].taken if questions else fitting[0]
    if _copied(path, taken, target):
        return Text(target, taken, (_guessed(taken),), questions)
    return _line_by_line(path, target)


def _guessed(encoding: str) -> Note:
    text = _("The file does not say in which encoding it is. It was read as %(encoding)s.")
    return Note("encoding_guessed", text % {"encoding": _(GUESSED[encoding])}, 0)


def _utf16_without_mark(head: bytes) -> str | None:
    """Half of the bytes of western UTF-16 are zero: all the odd ones, or all the even ones."""
    pairs = len(head) // 2
    if not pairs:
        return None
    if head[1::2].count(0) > pairs * 0.4 and head[0::2].count(0) == 0:
        return "utf-16-le"
    if head[0::2].count(0) > pairs * 0.4 and head[1::2].count(0) == 0:
        return "utf-16-be"
    return None


def _steps(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while step := file.read(STEP_BYTES):
            yield step


def _is(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for step in _steps(path):
            if b"\0" in step:
                raise errors.NotATable(
                    _("The file is neither text nor one of the formats that can be read.")
                )
            decoder.decode(step)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _copied(path: Path, encoding: str, target: Path) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with target.open("w", encoding="utf-8", newline="") as file:
            for step in _steps(path):
                file.write(decoder.decode(step))
            file.write(decoder.decode(b"", final=True))
    except UnicodeError:
        target.unlink()
        return False
    return True


def _has_lines_in_utf8(path: Path) -> bool:
    """Whether lines beyond ASCII are in UTF-8 more often than chance makes other encodings look so."""
    valid = total = 0
    with path.open("rb") as file:
        while (line := file.readline(LINE_BYTES_MAX)) and total < JUDGED_LINES:
            if not line.isascii():
                total += 1
                valid += _decoded(line)[1]
    return valid > total * CHANCE_SHARE


def _ranked(path: Path) -> tuple[list[str], bool]:
    """Encodings in which the words look like words, the likeliest first; and whether it is a near thing."""
    lines = b"".join(_telling_lines(path, WORDS_JUDGED))
    strange: dict[str, float] = {}
    texts: dict[str, str] = {}
    for encoding in GUESSED:
        try:
            texts[encoding] = lines.decode(encoding)
        except UnicodeDecodeError:
            continue
        strange[encoding] = strangeness(texts[encoding], encoding)
    ranked = sorted(strange, key=lambda one: strange[one])
    if not ranked:
        return ["cp1252"], False
    first = ranked[0]
    words = telling(texts[first])
    most = strange[first] + (NEAR if words >= TELLING_MIN else NEAR_OF_FEW)
    rivals = [
        one
        for one in ranked[1:]
        if words
        and strange[one] <= most
        and texts[one] != texts[first]
        and not {one, first} <= LATIN
    ]
    return [first, *rivals], bool(rivals)


def _question(path: Path, fitting: list[str], place: str, answers: Answers) -> Question:
    """Which encoding it is, each with the lines that tell the difference."""
    with path.open("rb") as file:
        head = file.readline(LINE_BYTES_MAX)
    lines = _telling_lines(path, ROWS_SHOWN + 1)
    shown = b"".join(lines if lines[:1] == [head] else [head, *lines])
    options = []
    for encoding in fitting:
        names, rows = previewed(shown.decode(encoding, "replace"))
        options.append(Option(encoding, _(GUESSED[encoding]), names, rows))
    return ask(
        Asked.ENCODING,
        place,
        _(
            "The file does not say in which encoding it is, and several fit. In which one are its words right?"
        ),
        options,
        likelier=fitting[0],
        answers=answers,
    )


def _telling_lines(path: Path, most: int) -> list[bytes]:
    """The first lines with letters beyond ASCII: they alone differ between encodings."""
    lines: list[bytes] = []
    size = 0
    with path.open("rb") as file:
        while len(lines) < most and size < TELLING_BYTES_MAX:
            line = file.readline(LINE_BYTES_MAX)
            if not line:
                break
            if not line.isascii():
                lines.append(line)
                size += len(line)
    return lines


def _line_by_line(path: Path, target: Path) -> Text:
    """Files glued together from several systems: each line by its own encoding, each one counted."""
    foreign = 0
    with path.open("rb") as source, target.open("w", encoding="utf-8", newline="") as file:
        while line := source.readline(LINE_BYTES_MAX):
            text, own = _decoded(line)
            foreign += not own
            file.write(text)
    note = Note(
        "mixed_encodings",
        _("Lines of this file are in different encodings; those not in UTF-8 were converted."),
        foreign,
    )
    return Text(target, "mixed", (note,))


def _decoded(line: bytes) -> tuple[str, bool]:
    line = line.removeprefix(codecs.BOM_UTF8)
    for encoding in ("utf-8", "gb18030"):
        try:
            return line.decode(encoding), encoding == "utf-8"
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1"), False
