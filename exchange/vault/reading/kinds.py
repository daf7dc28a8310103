"""The forms that cells have, and what is known of a column's."""

import re
from dataclasses import dataclass
from enum import StrEnum

from exchange.vault.reading.moments import ISO_CLOCK, ISO_DAY, ZONE, Layout, has_clock, written
from exchange.vault.reading.numbers import PLAIN, Style

TYPED_SHARE = 0.8
CELL_CHARS_MAX = 64  # no number and no moment is longer
MARKERS = frozenset(
    {
        "", "na", "n/a", "n.a.", "nan", "null", "none", "nil", "-", "--", "---", "—", "–", "..", "...", "…",
        "*", "**", ":", "?", ".", "/", "\\n", "\\", "#n/a", "#div/0!", "#value!", "#ref!", "#name?", "#num!",
        "#null!", "#error!", "missing", "(null)", "[null]", "<null>", "<na>", "<nil>", "(blank)", "blank",
        "unknown", "no data", "nodata", "not available", "not applicable", "k.a.", "k. a.", "keine angabe", "n.v.",
        "s/d", "s.d.", "nd", "n.d.", "n/d", "n. d.", "n.c.", "non disponible", "non renseigné", "sin dato", "sin datos",
        "n.p.", "sem dados", "b.d.", "bd", "brak danych", "brak", "n.b.", "onbekend", "saknas", "uppgift saknas",
        "н/д", "н.д.", "нет данных", "veri yok", "不明", "該当なし", "データなし", "자료없음",
        "无", "空", "缺失", "暂无", "暂缺", "无数据", "未知", "不详", "没有", "缺", "——", "待定",
    }
)  # fmt: skip

# What loggers, control systems and spreadsheets of other languages write where a value should be. As
# names of columns they are as likely, so that they are markers beside numbers and times only.
FAILURES = frozenset(
    {
        "bad", "bad input", "bad data", "bad value", "bad quality", "bad output", "i/o timeout", "timeout", "timed out",
        "comm fail", "comm failure", "comm error", "communication error", "no comm", "not connect", "not connected",
        "disconnected", "offline", "pt created", "pt_created", "scan off", "scan timeout", "scan failed", "intf shut",
        "shutdown", "calc failed", "calc off", "calc timeout", "no result", "no sample", "no reading", "no value",
        "configure", "invalid", "invalid data", "out of service", "sensor error", "sensor failure", "error", "err",
        "fault", "failed", "fehler", "ungültig", "gestört", "störung", "kein wert", "keine daten", "erreur", "invalide",
        "hors service", "donnée absente", "inválido", "falha", "sem leitura", "sin lectura", "fuera de servicio",
        "errore", "guasto", "ошибка", "нет связи", "нет ответа", "недостоверно", "обрыв", "坏值", "坏点", "超时", "故障",
        "通讯中断", "通信中断", "通讯故障", "离线", "无效", "断线", "異常", "欠測", "#nv", "#n/v", "#n/d", "#wert!", "#bezug!", "#zahl!",
        "#valeur!", "#nombre!", "#nul!", "#valor!", "#¡valor!", "#¡div/0!", "#¡ref!", "#¿nombre?", "#num", "#н/д", "#знач!",
        "#дел/0!", "#ссылка!", "#число!", "#n/a n/a", "#calc!", "#spill!", "#getting_data",
    }
)  # fmt: skip
ABSENT = MARKERS | FAILURES


class Form(StrEnum):
    """How values of a column are written."""

    INTEGER = "integer"
    BOOLEAN = "boolean"
    DECIMAL = "decimal"
    EXACT = "exact"
    DATE = "date"
    DATETIME = "datetime"
    INSTANT = "instant"
    WRITTEN = "written"
    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"
    YEAR_FIRST = "year_first"
    MONTH = "month"
    EPOCH = "epoch"
    TEXT = "text"
    EMPTY = "empty"


class Said(StrEnum):
    """What the reader of the data must know of how a column was read."""

    UNCLEAR = "unclear_forms"
    VERSIONS = "versions_kept"
    PERIODS = "periods_kept"
    PERHAPS_TIMES = "perhaps_times"
    OFFSETS = "some_offsets"


TYPES = {
    Form.INTEGER: "integer",
    Form.BOOLEAN: "boolean",
    Form.DECIMAL: "decimal",
    Form.EXACT: "decimal",
    Form.DATE: "date",
    Form.DATETIME: "datetime",
    Form.INSTANT: "datetime",
    Form.EPOCH: "datetime",
    Form.TEXT: "text",
    Form.EMPTY: "empty",
}
NUMBERS = frozenset({"integer", "decimal"})
TIMES = frozenset({"date", "datetime"})
ORDERS = (Form.DAY_FIRST, Form.MONTH_FIRST, Form.YEAR_FIRST)


@dataclass(frozen=True)
class Guess:
    """The form of a column; whether some cells of the sample have another; what else would fit.

    `formats` are those of moments, `scale` the decimals of exact numbers, `markers` cells that say here
    that nothing is there. `rivals` are the readings that fit as well, by what would prove them;
    `proves` is what the column proves for others.
    """

    form: Form
    has_misfits: bool = False
    style: Style = PLAIN
    formats: tuple[str, ...] = ()
    scale: int = 0
    markers: tuple[str, ...] = ()
    said: Said | None = None
    rivals: tuple[tuple[str, "Guess"], ...] = ()
    proves: str = ""

    @property
    def type(self) -> str:
        if self.form in TYPES:
            return TYPES[self.form]
        return "datetime" if any(map(has_clock, self.formats)) else "date"


_WHOLE = r"(0|[1-9]\d{0,15})"
_VALUE = re.compile(
    rf"[+-]?({_WHOLE}(\.\d*)?|\.\d+)([eE][+-]?\d{{1,3}})?"
    rf"|-?(\d{{1,3}}(,\d{{3}})+|{_WHOLE})(\.\d+)?|-?(\d{{1,3}}(\.\d{{3}})+|{_WHOLE})(,\d+)?"
    rf"|{ISO_DAY}([ T]{ISO_CLOCK}({ZONE})?)?|true|false",
    re.IGNORECASE,
)


def is_value(cell: str) -> bool:
    """Whether a cell is a number, a date or a marker of absence, and so hardly a column's name."""
    text = cell.strip()
    if text.lower() in MARKERS or _VALUE.fullmatch(text):
        return True
    if len(text) > CELL_CHARS_MAX:
        return False
    return any(one.layout is not Layout.MONTH for one in written(text))
