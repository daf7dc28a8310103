"""What the books' codes say to their readers."""

import pytest

from exchange.payments import chart
from exchange.payments.entry_labels import account_label, own_account_label


@pytest.mark.parametrize(
    ("code", "said", "to_its_owner"),
    [
        (chart.escrow("ord_1"), "Held for orders · ord_1", "Held for orders · ord_1"),
        (chart.wallet("org_1", "CNY"), "Wallets · org_1 · CNY", "Wallets · CNY"),
        (
            chart.pending("org_1", "CNY"),
            "Sellers' earnings · org_1 · not yet available · CNY",
            "Sellers' earnings · not yet available · CNY",
        ),
        (chart.tax("CNY"), "Value-added tax · CNY", "Value-added tax · CNY"),
        (chart.clearing(chart.BANK, "CNY"), "Money on its way · bank · CNY", "Money on its way · bank · CNY"),
        ("other", "other", "other"),
    ],
)  # fmt: skip
def test_an_account_is_called_by_what_it_holds(code: str, said: str, to_its_owner: str) -> None:
    assert account_label(code) == said
    assert own_account_label(code) == to_its_owner
