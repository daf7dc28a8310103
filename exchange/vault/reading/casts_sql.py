"""The expression that reads a cell's text in a form, and the condition that it lost nothing.

The engine's own casts are generous ('1.5' as an integer is 2, '0x1F' is 31, 'epoch' a day): the guards
are not. Guards begin with what costs least.
"""

from exchange.vault.reading import moments, numbers
from exchange.vault.reading.kinds import Form, Guess

# By unit: how many digits such a moment has, and how many microseconds one of them is.
EPOCHS = {"s": (10, 1_000_000), "ms": (13, 1_000), "us": (16, 1), "days": (5, 0)}

LENGTH_MAX = 40  # letters of a number that a double keeps


def identifier(name: str) -> str:
    """A name as the engine quotes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as the engine quotes it."""
    return "'" + text.replace("'", "''") + "'"


def reading(guessed: Guess, cell: str, read: str = "") -> tuple[str, str]:
    """The value of `cell` (an expression over text) and whether it may be taken. Where `read` names the
    value, which is then read once, the condition speaks of that. No value fails, whatever the cell is."""
    value, guard = _reading(guessed, cell, read)
    if guessed.markers:
        guard += f" AND {cell} NOT IN ({', '.join(map(literal, guessed.markers))})"
    return value, guard


def _reading(guessed: Guess, cell: str, read: str) -> tuple[str, str]:
    form = guessed.form
    if form is Form.BOOLEAN:
        return f"try_cast({cell} AS BOOLEAN)", f"lower({cell}) IN ('true', 'false')"
    if form in (Form.INTEGER, Form.DECIMAL, Form.EXACT):
        return _number(guessed, cell, read)
    if form in (Form.DATE, Form.DATETIME, Form.INSTANT):
        return _iso(form, cell, read)
    if form is Form.EPOCH:
        return _epoch(guessed.formats[0], cell)
    return _formatted(guessed, cell, read)


def _epoch(unit: str, cell: str) -> tuple[str, str]:
    """Seconds since 1970, or days since 1900 as spreadsheets count them."""
    whole = f"try_cast({cell} AS BIGINT)"
    length, factor = EPOCHS[unit]
    value = f"make_timestamp({whole} * {factor})"
    if unit == "days":
        value = f"(TIMESTAMP '1899-12-30' + to_days(CAST({whole} AS INTEGER)))"
    is_long = f"length({cell}) = {length}"
    return (
        f"CASE WHEN {is_long} THEN {value} END",
        f"{is_long} AND CAST({whole} AS VARCHAR) = {cell}",
    )


def _number(guessed: Guess, cell: str, read: str) -> tuple[str, str]:
    style = guessed.style
    if style.is_plain:
        return _plain(guessed, cell, read)
    text = f"regexp_replace({cell}, {literal(f'[^0-9{style.point}]')}, '', 'g')"
    if style.point != ".":
        text = f"replace({text}, '{style.point}', '.')"
    text = f"concat(CASE WHEN regexp_matches({cell}, {literal(f'[({numbers.MINUS}]')}) THEN '-' END, {text})"
    shape = f"regexp_full_match({cell}, {literal(numbers.pattern_of(style))})"
    return _cast(guessed, text, shape, read)


def _plain(guessed: Guess, cell: str, read: str) -> tuple[str, str]:
    if guessed.form is Form.INTEGER:
        value = f"try_cast({cell} AS BIGINT)"
        return value, f"CAST({read or value} AS VARCHAR) = {cell}"
    unsigned = f"ltrim({cell}, '+-')"  # a zero before a digit lies between 00 and 0:
    unpadded = f"({cell} >= '1' OR NOT ({unsigned} >= '00' AND {unsigned} < '0:'))"
    return _cast(guessed, cell, f"NOT contains({cell}, '_') AND {unpadded}", read)


def _cast(guessed: Guess, text: str, shape: str, read: str) -> tuple[str, str]:
    """A number of `text`, written with a point. `shape` is what the cell must be besides."""
    most = numbers.DOUBLE_DIGITS
    if guessed.form is Form.INTEGER:
        value = f"try_cast({text} AS BIGINT)"
        return value, f"{read or value} IS NOT NULL AND {shape}"
    has_exponent = f"(contains({text}, 'e') OR contains({text}, 'E'))"
    places = f"length(split_part({text}, '.', 2))"
    if guessed.form is Form.EXACT:
        scale = guessed.scale
        value = f"try_cast({text} AS DECIMAL({numbers.EXACT_DIGITS}, {scale}))"
        return (
            value,
            f"{read or value} IS NOT NULL AND {places} <= {scale} AND NOT {has_exponent} AND {shape}",
        )
    value = f"try_cast({text} AS DOUBLE)"
    own = read or value
    digits = f"length(ltrim(replace(replace(replace({text}, '.', ''), '-', ''), '+', ''), '0'))"
    least, longest = numbers.NOISE_PLACES, numbers.NOISE_DIGITS
    printed = f"printf('%.*f', least({places}, {LENGTH_MAX}), {own})"
    kept = f"{digits} <= {most} OR ({places} > {least} AND {digits} <= {longest} AND {printed} = {text})"
    spelled = f"strlen({text}) <= {LENGTH_MAX}"
    if guessed.style.has_exponent:
        kept = f"{kept} OR {has_exponent}"
    else:
        spelled = f"{spelled} AND NOT {has_exponent}"
    return (
        value,
        f"isfinite({own}) AND (strlen({text}) <= {most} OR {kept}) AND {spelled} AND {shape}",
    )


def _iso(form: Form, cell: str, read: str) -> tuple[str, str]:
    day, clock = moments.ISO_DAY, moments.ISO_CLOCK
    if form is Form.DATE:
        value = f"try_cast({cell} AS DATE)"
        shape = f"regexp_full_match({cell}, {literal(day)})"
        return value, f"{read or value} IS NOT NULL AND {shape}"
    if form is Form.INSTANT:
        joined = f"replace(replace({cell}, ' +', '+'), ' -', '-')"
        value = f"try_cast({joined} AS TIMESTAMPTZ) AT TIME ZONE 'UTC'"
        shape = literal(rf"{day}[ T]{clock}{moments.ZONE}")
        return value, f"{read or value} IS NOT NULL AND regexp_full_match({cell}, {shape})"
    value = f"try_cast({cell} AS TIMESTAMP)"
    # nineteen letters with a colon before the seconds leave no room for a zone
    is_usual = f"(length({cell}) = 19 AND {cell}[17] = ':')"
    shape = f"({is_usual} OR regexp_full_match({cell}, {literal(rf'{day}([ T]{clock})?')}))"
    return value, f"{read or value} IS NOT NULL AND {shape}"


def _formatted(guessed: Guess, cell: str, read: str) -> tuple[str, str]:
    formats = ", ".join(map(literal, guessed.formats))
    value = f"try_strptime({cell}, [{formats}])"
    shape = literal("|".join(map(moments.pattern_of, guessed.formats)))
    if guessed.type == "date":
        guard = f"{read or value} IS NOT NULL AND regexp_full_match({cell}, {shape})"
        return f"CAST({value} AS DATE)", guard
    late = f"try_strptime(replace({cell}, ' 24:00', ' 00:00'), [{formats}])"
    value = f"CASE WHEN contains({cell}, ' 24:00') THEN {late} + INTERVAL 1 DAY ELSE {value} END"
    return f"({value})", f"({read or value}) IS NOT NULL AND regexp_full_match({cell}, {shape})"
