"""Who gets which answer at the addresses of the wallet."""

from collections.abc import Mapping

from tests.architecture.access_routes import Route, act, desk, page, row

WALLET: Mapping[str, Route] = {
    "web:wallet": Route(get=page(200, newcomer=403)),
    "web:wallet_withdraw": Route(
        get=page(403, buyer=200, house=200, operator=200),
        post=page(403, buyer=422, house=422, operator=422),
    ),
    "console:payments_wallet_change": row("payments.wallet", get=desk(302)),
    "console:payments_deposit_change": row("payments.deposit", get=desk(302)),
    "console:payments_withdrawal_change": row("payments.withdrawal", get=desk(302)),
    "console:payments_withdrawal_sent": act("payments.withdrawal", operators=404),
    "console:payments_withdrawal_decline": act("payments.withdrawal", operators=404),
}
