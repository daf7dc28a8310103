"""Two examinations by files of other people: see forty/README.md and forty_more/README.md."""

import tempfile
import tomllib
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from exchange.vault import reading
from exchange.vault.reading import FileReading, errors
from exchange.vault.reading.questions import NO_ANSWERS, Answers
from tests.vault.reading.right_answers import Answer, differences, is_right_refusal

FOLDERS = [Path(__file__).parent / name for name in ("forty", "forty_more")]
QUESTIONS_MAX = 3  # of all forty in a folder
ANSWERED_MAX = 2  # questions of one file that must be answered for its right reading
READINGS_MAX = 60
ANSWERS: dict[Path, Answer] = {
    folder / "files" / one["name"]: one
    for folder in FOLDERS
    for one in tomllib.loads((folder / "answers.toml").read_text(encoding="utf-8"))["file"]
}


@dataclass(frozen=True)
class Verdict:
    """right, asked or wrong; how many questions stood; and what differs from the answer."""

    word: str
    questions: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()


@cache
def verdict(path: Path) -> Verdict:
    """The judgement of one file, read as its owner would read it."""
    read, differs = _judged(path, NO_ANSWERS)
    questions = (
        tuple(f"{one.asked} {one.place}: {one.text}" for one in read.questions) if read else ()
    )
    if not differs:
        return Verdict("right", questions)
    if read is not None and _is_among_the_options(path, read):
        return Verdict("asked", questions, differs)
    return Verdict("wrong", questions, differs)


def _is_among_the_options(path: Path, read: FileReading) -> bool:
    """Whether answers to the questions, read again, give the right reading. Few answers come first."""
    waiting = deque(_one_answer_more(NO_ANSWERS, read))
    for _reading in range(READINGS_MAX):
        if not waiting:
            return False
        answers = waiting.popleft()
        again, differs = _judged(path, answers)
        if not differs:
            return True
        if again is not None and len(answers) < ANSWERED_MAX:
            waiting += _one_answer_more(answers, again)
    return False


def _one_answer_more(answers: Answers, read: FileReading) -> Iterator[Answers]:
    for question in read.questions:
        if (question.asked, question.place) not in answers:
            for option in question.options:
                if option.value != question.taken:
                    yield Answers({**answers, (question.asked, question.place): option.value})


def _judged(path: Path, answers: Answers) -> tuple[FileReading | None, tuple[str, ...]]:
    """The reading, or None when the file was refused, and what differs from the right answer."""
    answer = ANSWERS[path]
    with tempfile.TemporaryDirectory() as folder:
        try:
            read = reading.read(path, name=path.name, into=Path(folder), answers=answers)
        except errors.Unreadable as refusal:
            message = str(refusal.message)
            if is_right_refusal(answer, message):
                return None, ()
            return None, (f"refused: {message}",)
        return read, tuple(differences(answer, read))


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: path.name)
def test_the_file_is_read_rightly_or_its_right_reading_is_among_the_options(path: Path) -> None:
    judged = verdict(path)
    print(judged.word, *judged.questions, *judged.differs, sep="\n  ")
    if "not_yet" in ANSWERS[path] and judged.word == "wrong":
        pytest.xfail(ANSWERS[path]["not_yet"])
    assert judged.word in {"right", "asked"}, judged.differs


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_questions_are_few(folder: Path) -> None:
    judged = [verdict(path) for path in (folder / "files").iterdir()]
    words = Counter(one.word for one in judged)
    print(dict(words), sum(len(one.questions) for one in judged), "questions")
    assert len(judged) == 40
    assert sum(len(one.questions) for one in judged) <= QUESTIONS_MAX
