"""The expression that reads a cell's text in a form, and the condition that it lost nothing.

The engine's own casts are generous ('1.5' as an integer is 2, '0x1F' is 31): the guards are not.
"""

from exchange.vault.reading.kinds import Form

CLOCKS = ("%H:%M:%S.%f", "%H:%M:%S", "%H:%M")
DAYS = {
    Form.DATE_CHINESE: ("%Y年%m月%d日",),
    Form.DAY_FIRST: ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"),
    Form.MONTH_FIRST: ("%m/%d/%Y", "%m-%d-%Y"),
    Form.DAY_FIRST_TIME: ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"),
    Form.MONTH_FIRST_TIME: ("%m/%d/%Y", "%m-%d-%Y"),
}


def identifier(name: str) -> str:
    """A name as the engine quotes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as the engine quotes it."""
    return "'" + text.replace("'", "''") + "'"


def reading(form: Form, cell: str) -> tuple[str, str]:
    """The value of `cell` (an expression over text) and whether it may be taken."""
    if form is Form.INTEGER:
        value = f"try_cast({cell} AS BIGINT)"
        return value, f"CAST({value} AS VARCHAR) = {cell}"
    if form is Form.BOOLEAN:
        return f"try_cast({cell} AS BOOLEAN)", f"lower({cell}) IN ('true', 'false')"
    if form in (Form.DECIMAL, Form.DECIMAL_GROUPED, Form.DECIMAL_COMMA):
        return _decimal(form, cell)
    if form in (Form.DATE, Form.DATETIME, Form.INSTANT):
        return _iso(form, cell)
    return _formatted(form, cell)


def _decimal(form: Form, cell: str) -> tuple[str, str]:
    shape = "true"
    if form is Form.DECIMAL_GROUPED:
        shape = rf"regexp_full_match({cell}, '-?(\d{{1,3}}(,\d{{3}})+|\d+)(\.\d+)?')"
        cell = f"replace({cell}, ',', '')"
    elif form is Form.DECIMAL_COMMA:
        shape = rf"regexp_full_match({cell}, '-?(\d{{1,3}}(\.\d{{3}})+|\d+)(,\d+)?')"
        cell = f"replace(replace({cell}, '.', ''), ',', '.')"
    value = f"try_cast({cell} AS DOUBLE)"
    # a number written with 17 significant digits or fewer is the nearest double
    return (
        value,
        f"isfinite({value}) AND length({cell}) <= 24 AND NOT contains({cell}, '_') AND {shape}",
    )


def _iso(form: Form, cell: str) -> tuple[str, str]:
    if form is Form.DATE:
        value = f"try_cast({cell} AS DATE)"
        return value, f"{value} IS NOT NULL AND length({cell}) <= 10"
    if form is Form.INSTANT:
        value = f"try_cast({cell} AS TIMESTAMPTZ) AT TIME ZONE 'UTC'"
        return value, f"{value} IS NOT NULL AND length({cell}) > 16"
    value = f"try_cast({cell} AS TIMESTAMP)"
    zoneless = rf"length({cell}) <= 26 AND NOT contains({cell}, '+') AND NOT contains({cell}, 'Z')"
    return value, f"{value} IS NOT NULL AND {zoneless} AND {cell}[-6] <> '-'"


def _formatted(form: Form, cell: str) -> tuple[str, str]:
    days = DAYS[form]
    timed = form in (Form.DAY_FIRST_TIME, Form.MONTH_FIRST_TIME)
    formats = [f"{day} {clock}" for day in days for clock in CLOCKS] if timed else list(days)
    value = f"try_strptime({cell}, [{', '.join(literal(one) for one in formats)}])"
    return (value if timed else f"CAST({value} AS DATE)"), f"{value} IS NOT NULL"
