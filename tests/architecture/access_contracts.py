"""Who gets which answer at the addresses of contracts."""

from collections.abc import Mapping

from tests.architecture.access_routes import Route, page

UNKNOWN = {"contract_id": "ctr_unknown"}

CONTRACTS: Mapping[str, Route] = {
    "web:contracts": Route(get=page(200, newcomer=403)),
    "web:contract": Route(get=page(404), names=UNKNOWN),
    "web:contract_sign": Route(post=page(404), names=UNKNOWN),
    "web:contract_download": Route(get=page(404), names={**UNKNOWN, "form": "pdf"}),
}
