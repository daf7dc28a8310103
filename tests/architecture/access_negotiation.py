"""Who gets which answer at the addresses of negotiation."""

from collections.abc import Mapping

from tests.architecture.access_routes import OFFER, Route, call, page

UNKNOWN = {"negotiation_id": "neg_unknown"}
NO_PRODUCT = {"product_id": "prd_unknown"}

NEGOTIATION: Mapping[str, Route] = {
    "api:negotiations": Route(get=call(200, key=200, newcomer=403), post=call(422)),
    "api:negotiation": Route(get=call(404, key=404), names=UNKNOWN),
    "api:negotiation-proposals": Route(get=call(404, key=404), names=UNKNOWN),
    "api:negotiation-counter": Route(post=call(422), names=UNKNOWN),
    "api:negotiation-accept": Route(post=call(422), names=UNKNOWN),
    "api:negotiation-decline": Route(post=call(404), names=UNKNOWN),
    "api:negotiation-withdraw": Route(post=call(404), names=UNKNOWN),
    "web:negotiations": Route(get=page(200, newcomer=403)),
    "web:negotiation": Route(get=page(404), names=UNKNOWN),
    "web:negotiation_act": Route(post=page(404), names={**UNKNOWN, "name": "accept"}),
    # The offer of the matrix is open to everybody.
    "web:request_offer": Route(get=page(404), post=page(404), names=OFFER),
    "web:ask_quote": Route(get=page(404), post=page(404), names=NO_PRODUCT),
    "web:sell_private_offer": Route(get=page(404), post=page(404), names=NO_PRODUCT),
}
