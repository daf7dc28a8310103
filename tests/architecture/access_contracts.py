"""Who gets which answer at the addresses of contracts."""

from collections.abc import Mapping

from tests.architecture.access_routes import Route, call, page

CONTRACTS: Mapping[str, Route] = {
    "api:contracts": Route(get=call(200, key=200, newcomer=403)),
    "web:contracts": Route(get=page(200, newcomer=403)),
}
