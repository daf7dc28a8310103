"""How much a text looks like words: what a wrong encoding makes of letters, nobody writes."""

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

# Runs of anything but blanks, digits and ASCII punctuation: a wrong reading puts signs into words.
RUN = re.compile(r"[^\s!-/:-@\[-`{-~0-9]+")
KANA = re.compile(r"[\u3041-\u30ff]")
NO_KANA_COST = 0.3
RUNS_JUDGED = 5_000
JUDGED_CHARS = 200_000
VOWELS = frozenset("аеёиоуыэюяіїєАЕЁИОУЫЭЮЯІЇЄ")
VOWEL_SHARES = (0.15, 0.8)
VOWELS_FROM = 4
ACCENTS_MAX = 2
SIGNS = frozenset("°º²³µ·–—‘’“”„…·×±€‰©®™§、。，；：？！（）《》「」【】・ー々～％－—“”‘’〇²³")
CENTRAL = frozenset("ŠšŽžŸ")
WESTERN = frozenset({"cp1252"})
# The common letters of a character set of East Asia have lead bytes in this range.
COMMON = {
    "gb18030": ("gb2312", 0xB0, 0xD7),
    "big5": ("big5", 0xA4, 0xC6),
    "cp932": ("shift_jis", 0x88, 0x97),
    "euc_jp": ("shift_jis", 0x88, 0x97),
}
JAPANESE = frozenset({"cp932", "euc_jp"})


def strangeness(text: str, encoding: str) -> float:
    """The share of what nobody writes among the runs of letters beyond ASCII; 0 where there are none."""
    runs = [run for run in RUN.findall(text) if not run.isascii()][:RUNS_JUDGED]
    if not runs:
        return 0.0
    is_doubtful = encoding in JAPANESE and not any(KANA.search(run) for run in runs)
    share = sum(_strange(run, encoding) for run in runs) / len(runs)
    return min(1.0, share + NO_KANA_COST * is_doubtful)


def telling(text: str) -> int:
    """How many different runs with letters beyond ASCII there are to judge by."""
    return len(
        {
            run
            for run in RUN.findall(text[:JUDGED_CHARS])
            if any(letter.isalpha() and not letter.isascii() for letter in run)
        }
    )


@lru_cache(maxsize=RUNS_JUDGED)
def _strange(run: str, encoding: str) -> float:
    letters = [letter for letter in run if letter.isalpha()]
    signs = [sign for sign in run if not sign.isalpha() and not sign.isascii()]
    if any(sign not in SIGNS and not unicodedata.combining(sign) for sign in signs):
        return 1.0
    foreign = [letter for letter in letters if not letter.isascii()]
    if not foreign:
        return 0.0 if len(letters) <= 4 or not signs else 1.0  # noqa: PLR2004 - a unit: °C, µm, m²
    scripts = {_script(letter) for letter in foreign}
    if scripts <= {"HAN", "KANA", "HALF"}:
        return _strange_east(run, foreign, encoding)
    if len(scripts) > 1 or (scripts != {"LATIN"} and len(foreign) != len(letters)):
        return 1.0
    if any(a.islower() and b.isupper() for a, b in pairwise(run)):
        return 1.0
    return float(
        _is_strange_latin(run, encoding) if scripts == {"LATIN"} else _is_voiceless(letters)
    )


@lru_cache(maxsize=70_000)
def _script(letter: str) -> str:
    name = unicodedata.name(letter, "?")
    if name.startswith(("CJK", "IDEOGRAPHIC")):
        return "HAN"
    if name.startswith(("HIRAGANA", "KATAKANA")):
        return "KANA"
    return "HALF" if name.startswith("HALFWIDTH") else name.split()[0]


def _strange_east(run: str, foreign: list[str], encoding: str) -> float:
    """Rare letters, syllables of Japan outside Japanese, and one letter in the middle of a word of ASCII."""
    if encoding not in COMMON:
        return 1.0
    if re.search(r"[a-z][^\x00-\x7f][a-z]|^[^\x00-\x7f][a-z]{2}|[a-z]{2}[^\x00-\x7f]$", run):
        return 1.0
    rare = sum(_rarity(letter, encoding) for letter in foreign)
    return rare / len(foreign)


@lru_cache(maxsize=70_000)
def _rarity(letter: str, encoding: str) -> float:
    script = _script(letter)
    if script != "HAN":
        return 0.0 if script == "KANA" and encoding in JAPANESE else 1.0
    if _is_common(letter, encoding):
        return 0.0
    return 0.5 if encoding == "gb18030" and _is_common(letter, "big5") else 1.0


def _is_common(letter: str, encoding: str) -> bool:
    codec, first, last = COMMON[encoding]
    try:
        return first <= letter.encode(codec)[0] <= last
    except UnicodeEncodeError:
        return False


def _is_strange_latin(run: str, encoding: str) -> bool:
    if encoding in WESTERN and CENTRAL & set(run):
        return True
    if len(run) > 1 and not any(letter.isascii() for letter in run):
        return True
    return bool(re.search(rf"[^\x00-\x7f]{{{ACCENTS_MAX + 1}}}", run))


def _is_voiceless(letters: list[str]) -> bool:
    """Whether a word of Cyrillic letters has no vowels, or nothing else, as a wrong one of its sets makes."""
    if len(letters) < VOWELS_FROM or _script(letters[0]) != "CYRILLIC":
        return False
    least, most = VOWEL_SHARES
    return not least <= sum(letter in VOWELS for letter in letters) / len(letters) <= most
