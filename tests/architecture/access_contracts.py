"""Who gets which answer at the addresses of contracts."""

from collections.abc import Mapping

from tests.architecture.access_routes import Route, call, page

UNKNOWN = {"contract_id": "ctr_unknown"}

CONTRACTS: Mapping[str, Route] = {
    "api:contracts": Route(get=call(200, key=200, newcomer=403)),
    "api:contract": Route(get=call(404, key=404), names=UNKNOWN),
    "api:contract-document": Route(get=call(404, key=404), names=UNKNOWN),
    "api:contract-policy": Route(get=call(404, key=404), names=UNKNOWN),
    "web:contracts": Route(get=page(200, newcomer=403)),
    "web:contract": Route(get=page(404), names=UNKNOWN),
    "web:contract_sign": Route(post=page(404), names=UNKNOWN),
    "web:contract_call_off": Route(post=page(404), names=UNKNOWN),
    "web:contract_download": Route(get=page(404), names={**UNKNOWN, "form": "pdf"}),
}
