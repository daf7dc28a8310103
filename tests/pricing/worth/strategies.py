"""A whole engagement whose figures are worked by hand, and how its parameters are written."""

from typing import Any

SOURCE = "management accounts 2025"

ROYALTY: dict[str, Any] = {
    "revenue": [1000000, 1100000, 1200000, 1300000, 1400000],
    "royalty": "0.05",
    "tax": "0.25",
    "rate": "0.12",
    "timing": "end of year",
    "tab_life": 5,
}
EXCESS: dict[str, Any] = {
    "cash_flow": [200000, 220000, 240000, 260000, 280000],
    "contributory_charges": [50000, 52000, 54000, 56000, 58000],
    "tax": "0.25",
    "rate": "0.12",
    "tab_life": 5,
}
COST: dict[str, Any] = {
    "costs": {"all": 1000000},
    "return_rate": "0.12",
    "quality": "0.95",
    "circulation": "0.80",
    "monopoly": "0.25",
    "risk": "0.10",
}
RATE_PARTS = {"risk free": "0.023", "management": "0.02", "security": "0.097"}
SHARE: dict[str, Any] = {
    "revenue": {"first": 2000000, "growth": "0.10", "years": 5},
    "share": "0.15",
    "rate": RATE_PARTS,
}


def given(**values: object) -> dict[str, object]:
    """Parameters, each with a source."""
    return {name: {"value": value, "source": SOURCE} for name, value in values.items()}


def engagement(**changed: object) -> dict[str, Any]:
    """Three methods, their weights and a discount for unclear rights."""
    rate = {
        "risk_free": "0.023",
        "management": "0.02",
        "circulation": "0.03",
        "development": "0.035",
        "security": "0.032",
    }
    factors = [
        ("1.05", "1.02", "1.03", "1.10"),
        ("0.98", "1", "1.01", "1.08"),
        ("0.92", "0.97", "1", "0.95"),
    ]
    comparables = [
        {
            "price": price,
            "factors": dict(zip(("quality", "demand", "date", "volume"), row, strict=True)),
        }
        for price, row in zip(("800000", "950000", "1200000"), factors, strict=True)
    ]
    document: dict[str, Any] = {
        "asset": "Trunk-line pressure and flow 2021-2025",
        "purpose": "pledge",
        "value_type": "market value",
        "base_date": "2026-06-30",
        "currency": "CNY",
        "appraisers": ["A. Li", "B. Wang"],
        "methods": [
            {
                "method": "cost_with_return",
                "label": "cost",
                "parameters": given(
                    costs={"collection": "700000", "processing": "300000"},
                    return_rate="0.12",
                    quality="0.95",
                    circulation="0.80",
                    monopoly="0.25",
                    risk="0.10",
                ),
            },
            {
                "method": "income_share",
                "label": "income",
                "parameters": given(
                    revenue={"first": "2000000", "growth": "0.10", "years": "5"},
                    share="0.15",
                    rate=rate,
                    timing="end of year",
                ),
            },
            {
                "method": "market_comparables",
                "label": "market",
                "parameters": given(comparables=comparables),
            },
        ],
        "weights": {"cost": "0.3", "income": "0.5", "market": "0.2"},
    }
    return {**document, **changed}
