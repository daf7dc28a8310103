"""Who gets which answer at the addresses of negotiation."""

from collections.abc import Mapping

from tests.architecture.access_routes import Route, page

UNKNOWN = {"negotiation_id": "neg_unknown"}
NO_PRODUCT = {"product_id": "prd_unknown"}

NEGOTIATION: Mapping[str, Route] = {
    "web:negotiations": Route(get=page(200, newcomer=403)),
    "web:negotiation": Route(get=page(404), names=UNKNOWN),
    "web:negotiation_act": Route(post=page(404), names={**UNKNOWN, "name": "accept"}),
    "web:ask_quote": Route(get=page(404), post=page(404), names=NO_PRODUCT),
    "web:sell_private_offer": Route(get=page(404), post=page(404), names=NO_PRODUCT),
}
