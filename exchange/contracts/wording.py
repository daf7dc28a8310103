"""What stands in the places of the clauses, in both languages of a contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils import translation

from exchange.catalog.choices import right_label
from exchange.catalog.lifecycle import Delivery, Future, History, Period
from exchange.contracts.templates import LANGUAGES, Bilingual

if TYPE_CHECKING:
    from exchange.contracts.drafting import Draft

LOCALES: Mapping[str, str] = {"en": "en", "zh": "zh-hans"}
BETWEEN: Mapping[str, str] = {"en": "; ", "zh": "；"}
NOTHING: Bilingual = {"en": "nothing further", "zh": "无其他约定"}
ANY_PURPOSE: Bilingual = {"en": "any lawful purpose", "zh": "任何合法目的"}
ANYWHERE: Bilingual = {"en": "not limited", "zh": "不限"}
ENVIRONMENTS: Mapping[str, Bilingual] = {
    "": ANYWHERE,
    "own": {"en": "systems of the user alone", "zh": "使用方自有系统"},
    "sandbox": {"en": "the sandbox of the exchange alone", "zh": "仅限交易所沙箱"},
}


def values_of(draft: Draft) -> dict[str, Bilingual]:
    """A wording for each place that a clause may name."""
    product = draft.product
    english = product.title or product.title_zh
    values: dict[str, Bilingual] = {
        "product": {"en": english, "zh": product.title_zh or english},
        "fee": _same(f"{draft.fee.currency} {draft.fee.decimal:,}")
        if not draft.period
        else _per(draft),
        "term": _term(draft),
        "purpose": _same(draft.purpose) if draft.purpose else ANY_PURPOSE,
        "territory": _same(draft.territory) if draft.territory else ANYWHERE,
        "environment": ENVIRONMENTS[draft.environment],
        "allowed": _listed(draft.allowed),
        "forbidden": _listed(draft.forbidden),
        "delivery": _labels(lambda: str(Delivery(product.delivery).label)),
        "acceptance_days": _same(str(draft.acceptance_days)),
        "uses": _same(f"{draft.uses_max:,}") if draft.uses_max else ANYWHERE,
    }
    if draft.seller_share_percent is not None:
        values["seller_share"] = _same(f"{draft.seller_share_percent} %")
        values["buyer_share"] = _same(f"{100 - draft.seller_share_percent} %")
    return values


def _same(text: str) -> Bilingual:
    return dict.fromkeys(LANGUAGES, text)


def _per(draft: Draft) -> Bilingual:
    period = _labels(lambda: str(Period(draft.period).label))
    amount = f"{draft.fee.currency} {draft.fee.decimal:,}"
    return {language: f"{amount} {period[language]}" for language in LANGUAGES}


def _term(draft: Draft) -> Bilingual:
    history = _labels(lambda: str(History(draft.history).label))
    future = _labels(lambda: str(Future(draft.future).label))
    if draft.period:
        lasts = {"en": "For each paid period", "zh": "按已付费周期提供"}
    elif draft.access_days:
        lasts = {
            "en": f"{draft.access_days} days from delivery",
            "zh": f"自交付之日起{draft.access_days}日",
        }
    else:
        lasts = {"en": "Without end", "zh": "长期有效"}
    parts = [lasts, history, future, *_calls(draft)]
    return {
        language: BETWEEN[language].join(part[language] for part in parts) for language in LANGUAGES
    }


def _calls(draft: Draft) -> list[Bilingual]:
    """What a framework adds to the term."""
    if draft.calls_max is None:
        return []
    return [
        {
            "en": f"a framework: up to {draft.calls_max} orders on these terms within"
            f" {draft.calls_days} days of the last signature",
            "zh": f"框架协议：自最后签署之日起{draft.calls_days}日内，可按本条款下单至多{draft.calls_max}次",
        }
    ]


def _listed(codes: Sequence[str]) -> Bilingual:
    if not codes:
        return NOTHING
    return {
        language: BETWEEN[language].join(_in(language, code) for code in codes)
        for language in LANGUAGES
    }


def _in(language: str, code: str) -> str:
    with translation.override(LOCALES[language]):
        return right_label(code)


def _labels(say: Callable[[], str]) -> Bilingual:
    said = {}
    for language in LANGUAGES:
        with translation.override(LOCALES[language]):
            said[language] = say()
    return said
