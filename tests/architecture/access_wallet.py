"""Who gets which answer at the addresses of the wallet."""

from collections.abc import Mapping

from tests.architecture.access_routes import Route, act, desk, page, row

WALLET: Mapping[str, Route] = {
    "web:wallet": Route(get=page(200, newcomer=403)),
    "web:wallet_withdraw": Route(
        get=page(403, buyer=200, house=200, operator=200),
        post=page(403, buyer=422, house=422, operator=422),
    ),
    "console:settlement_wallet_change": row("settlement.wallet", get=desk(302)),
    "console:settlement_deposit_change": row("settlement.deposit", get=desk(302)),
    "console:settlement_withdrawal_change": row("settlement.withdrawal", get=desk(302)),
    "console:settlement_withdrawal_sent": act("settlement.withdrawal", operators=404),
    "console:settlement_withdrawal_decline": act("settlement.withdrawal", operators=404),
}
