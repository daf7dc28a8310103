"""What people say to the questions of a file's reading, and what is known of it from a file before."""

from datetime import datetime

from django.utils.translation import gettext as _

from exchange.core.lifecycle import Doer
from exchange.vault.errors import FileBeingRead, FileInUse, NoSuchOption, NoSuchQuestion
from exchange.vault.file_reading import answered_of, questions_of, read_anew
from exchange.vault.lifecycle import FILE, FileState
from exchange.vault.models import DataFile
from exchange.vault.reading.questions import COLUMN, Answers, Question

WAITING = frozenset({FileState.STORED, FileState.READING})


def says_anew(file: DataFile, said: Answers) -> bool:
    """Whether anything of it was not said of this file before. Raises NoSuchQuestion and NoSuchOption."""
    asked = {(one.asked, one.place): one for one in questions_of(file)}
    for key, value in said.items():
        question = asked.get(key)
        if question is None:
            raise NoSuchQuestion(
                _("Nothing of the kind was asked about this file."), asked=str(key[0]), place=key[1]
            )
        options = [one.value for one in question.options]
        if value not in options:
            raise NoSuchOption(
                _("Choose one of the readings that are shown."),
                field=f"{key[0]}:{key[1]}",
                accepted=options,
            )
    known = Answers.of_rows(file.answers)
    return any(known.get(key) != value for key, value in said.items())


def take(file: DataFile, said: Answers, *, actor: Doer, now: datetime) -> DataFile:
    """Keep the answers of a locked file and have it read again by them. What was said before changes
    nothing. Raises FileBeingRead, FileInUse, NoSuchQuestion and NoSuchOption."""
    if not says_anew(file, said):
        return file
    if file.state in WAITING:
        raise FileBeingRead(
            _("The file is being read. Answer when it is ready."), state=str(file.state)
        )
    file.answers = Answers.of_rows(file.answers).with_all(said).rows()
    read_anew(file, actor=actor, now=now)
    return file


def carried(before: DataFile | None, to: DataFile) -> Answers:
    """What was answered of the file before, as answers to the next one: they hold for the same question
    at the same place with the same options. The file itself is the same place under both names."""
    if before is None or before.pk == to.pk:
        return Answers()
    answered = [one for one in questions_of(before) if one.is_answered]
    keys = [(one.asked, _place_in(one.place, before, to)) for one in answered]
    return Answers(
        {key: one.taken for key, one in zip(keys, answered, strict=True)},
        {key: _values(one) for key, one in zip(keys, answered, strict=True)},
    )


def carry(file: DataFile, known: Answers, *, actor: Doer, now: datetime) -> None:
    """Have the file read by answers that were given to another, where it asks the same. What was said of
    the file itself counts first; one that is part of a product already stays as it was read."""
    if not known:
        return
    file = FILE.lock_again(file)
    before, own = file.answers, Answers.of_rows(file.answers)
    file.answers = known.with_all(own).rows()
    if file.state in WAITING:
        file.save(update_fields=["answers"])
    elif answered_of(file):
        try:
            read_anew(file, actor=actor, now=now)
        except FileInUse:
            file.answers = before


def _values(question: Question) -> list[str]:
    return [one.value for one in question.options]


def _place_in(place: str, before: DataFile, to: DataFile) -> str:
    name, column, rest = place.partition(COLUMN)
    names = {before.name, before.name.removesuffix(".gz")}
    return to.name.removesuffix(".gz") + column + rest if name in names else place
