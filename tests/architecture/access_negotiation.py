"""Who gets which answer at the addresses of negotiation."""

from collections.abc import Mapping

from tests.architecture.access_routes import OFFER, Route, call, page

NEGOTIATION: Mapping[str, Route] = {
    "api:negotiations": Route(get=call(200, key=200, newcomer=403), post=call(422)),
    "web:negotiations": Route(get=page(200, newcomer=403)),
    # The offer of the matrix is open to everybody.
    "web:request_offer": Route(get=page(404), post=page(404), names=OFFER),
}
