"""Who gets which answer at the addresses of usage."""

from collections.abc import Mapping

from tests.architecture.access_routes import Route, call

UNKNOWN = {"subscription_id": "mtr_unknown"}

USAGE: Mapping[str, Route] = {
    "api:usage": Route(post=call(422)),
    "api:usage-subscriptions": Route(get=call(200, key=200, newcomer=403)),
    "api:usage-bills": Route(get=call(404, key=404), names=UNKNOWN),
    "api:usage-cap": Route(post=call(422), names=UNKNOWN),
    "api:usage-end": Route(post=call(404), names=UNKNOWN),
}
