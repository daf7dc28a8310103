"""What the reader of the data must know of how its columns were read."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from django.utils.translation import gettext as _

from exchange.vault.reading.documents import Note
from exchange.vault.reading.drafts_sql import is_typed
from exchange.vault.reading.kinds import Form, Guess, Said

COLUMNS_SHOWN = 5
MARKERS_SHOWN = 5
Markers = Counter[str]


def remarks(
    guesses: Mapping[str, Guess], markers: Markers, *, misfits: int, nameless: int
) -> tuple[Note, ...]:
    """Notes of a conversion: cells that were changed, and readings that others may doubt."""
    return (*_of_cells(markers, misfits, nameless), *_of_columns(guesses))


def _of_cells(markers: Markers, misfits: int, nameless: int) -> Iterator[Note]:
    if misfits:
        yield Note(
            "text_kept_beside",
            _(
                "Cells that have not the form of their column keep their text in a column beside it."
            ),
            misfits,
        )
    if markers.total():
        named = [text for text, _count in markers.most_common() if text][:MARKERS_SHOWN]
        yield Note(
            "missing_markers",
            _("Cells that say that nothing is there count as missing: %(markers)s.")
            % {"markers": ", ".join(f"“{text[:40]}” × {markers[text]}" for text in named)},
            markers.total(),
            cells=markers.total(),
        )
    if nameless:
        yield Note(
            "nameless_empty_columns",
            _("Columns without a name and without a value were left out."),
            nameless,
        )


def _of_columns(guesses: Mapping[str, Guess]) -> Iterator[Note]:
    for code, test, text in _remarks():
        names = [name for name, one in guesses.items() if test(one)]
        if names:
            shown = ", ".join(names[:COLUMNS_SHOWN]) + (" …" if len(names) > COLUMNS_SHOWN else "")
            yield Note(code, text % {"columns": shown}, len(names))


def _remarks() -> tuple[tuple[str, Callable[[Guess], bool], str], ...]:
    return (
        (
            Said.UNCLEAR.value,
            lambda one: one.said is Said.UNCLEAR,
            _(
                "Columns stay text because two readings fit; day and month, or comma and point, could be "
                "either: %(columns)s."
            ),
        ),
        (
            Said.VERSIONS.value,
            lambda one: one.said is Said.VERSIONS,
            _(
                "Columns stay text because two different cells would be one number, such as 3.1 and 3.10: "
                "%(columns)s."
            ),
        ),
        (
            Said.PERIODS.value,
            lambda one: one.said is Said.PERIODS,
            _(
                "Quarters, weeks, times of day, months in other languages than English and times finer than a "
                "microsecond stay text: %(columns)s."
            ),
        ),
        (
            Said.PERHAPS_TIMES.value,
            lambda one: one.said is Said.PERHAPS_TIMES,
            _("Numbers that could be seconds since 1970 stay numbers: %(columns)s."),
        ),
        (
            Said.OFFSETS.value,
            lambda one: one.said is Said.OFFSETS,
            _("Times stay text because some have an offset and others none: %(columns)s."),
        ),
        (
            "numbers_in_writing",
            lambda one: is_typed(one) and not one.style.is_plain,
            _(
                "Signs of thousands, of money, of shares or of units were taken off numbers: %(columns)s."
            ),
        ),
        (
            "offsets_to_utc",
            lambda one: one.form is Form.INSTANT,
            _("Times with an offset were converted to UTC: %(columns)s."),
        ),
        (
            "epoch_times",
            lambda one: one.form is Form.EPOCH,
            _("Seconds or parts of them since 1970 were read as times in UTC: %(columns)s."),
        ),
        (
            "months_as_days",
            lambda one: one.form is Form.MONTH,
            _("Months are shown by their first day: %(columns)s."),
        ),
        (
            "short_years",
            lambda one: any("%y" in form for form in one.formats),
            _("Years of two digits were read as 1969 to 2068: %(columns)s."),
        ),
    )
