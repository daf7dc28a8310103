"""Who gets which answer at the addresses of usage."""

from collections.abc import Mapping

from tests.architecture.access_routes import OFFER, Route, act, call, desk, page, row

UNKNOWN = {"subscription_id": "mtr_unknown"}
DISPUTE = {"dispute_id": "udp_unknown"}
DAY = "2026-11-23"

USAGE: Mapping[str, Route] = {
    # The offer of the matrix is not paid by use.
    "web:usage_cost": Route(get=page(404), names=OFFER),
    "web:usage": Route(get=page(200, newcomer=403)),
    "web:usage_costs": Route(get=page(422, newcomer=403)),
    "web:usage_meter": Route(get=page(404), names=UNKNOWN),
    "web:usage_version": Route(get=page(404), names=UNKNOWN),
    "web:usage_cap": Route(post=page(404), names=UNKNOWN),
    "web:usage_end": Route(post=page(404), names=UNKNOWN),
    "web:usage_receipt": Route(get=page(404), names={**UNKNOWN, "day": DAY}),
    "web:usage_receipt_events": Route(get=page(404), names={**UNKNOWN, "day": DAY}),
    "web:usage_bill": Route(get=page(404), names={**UNKNOWN, "number": "1"}),
    "web:usage_object": Route(post=page(404), names=UNKNOWN),
    "web:usage_dispute": Route(get=page(404), names=DISPUTE),
    "web:usage_dispute_confirm": Route(post=page(404), names=DISPUTE),
    "web:usage_dispute_refuse": Route(post=page(404), names=DISPUTE),
    "api:usage-disputes": Route(get=call(404, key=404), names=UNKNOWN),
    "api:usage-object": Route(post=call(422), names=UNKNOWN),
    "api:usage-confirm": Route(post=call(404), names=DISPUTE),
    "api:usage-refuse": Route(post=call(422), names=DISPUTE),
    "console:metering_usagedispute_change": row("metering.usagedispute", get=desk(302)),
    "console:metering_usagedispute_decide": act("metering.usagedispute", operators=403),
    "api:usage": Route(post=call(403)),
    "api:usage-subscriptions": Route(get=call(200, key=200, newcomer=403)),
    "api:usage-bills": Route(get=call(404, key=404), names=UNKNOWN),
    "api:usage-receipts": Route(get=call(404, key=404), names=UNKNOWN),
    "api:usage-receipt": Route(get=call(404, key=404), names={**UNKNOWN, "day": DAY}),
    "api:usage-receipt-events": Route(get=call(404, key=404), names={**UNKNOWN, "day": DAY}),
    "api:usage-cap": Route(post=call(422), names=UNKNOWN),
    "api:usage-end": Route(post=call(404), names=UNKNOWN),
}
