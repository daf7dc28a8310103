"""Who gets which answer at the addresses of the wallet."""

from collections.abc import Mapping

from tests.architecture.access_routes import Route, call, page

WALLET: Mapping[str, Route] = {
    "web:wallet": Route(get=page(200, newcomer=403)),
    "web:decide_limit": Route(post=page(404), names={"request_id": "apr_unknown"}),
    "web:wallet_withdraw": Route(
        get=page(403, buyer=200, house=200, operator=200),
        post=page(403, buyer=422, house=422, operator=422),
    ),
    "web:saved_cards": Route(get=page(200, newcomer=403)),
    "web:saved_card_add": Route(post=page(403, buyer=302, house=302, operator=302)),
    "web:saved_card_back": Route(get=page(404), names={"card_id": "crd_unknown"}),
    "web:saved_card_default": Route(post=page(404), names={"card_id": "crd_unknown"}),
    "web:saved_card_remove": Route(post=page(404), names={"card_id": "crd_unknown"}),
    "web:wallet_top_up": Route(
        get=page(403, buyer=200, house=200, operator=200),
        post=page(403, buyer=422, house=422, operator=422),
    ),
    "web:top_up_card": Route(post=page(404), names={"top_up_id": "ctu_unknown"}),
    "web:top_up_back": Route(get=page(404), names={"top_up_id": "ctu_unknown"}),
    "web:top_up_send_back": Route(
        get=page(404), post=page(404), names={"top_up_id": "ctu_unknown"}
    ),
    "api:top-ups": Route(get=call(200, key=200, newcomer=403), post=call(422)),
    "api:top-up": Route(get=call(404, key=404, newcomer=403), names={"top_up_id": "ctu_unknown"}),
    "api:top-up-page": Route(post=call(404), names={"top_up_id": "ctu_unknown"}),
    "api:saved-cards": Route(
        get=call(200, key=200, newcomer=403), post=call(403, buyer=201, house=201, operator=201)
    ),
    "api:saved-card-page": Route(post=call(404), names={"card_id": "crd_unknown"}),
    "api:saved-card-default": Route(post=call(404), names={"card_id": "crd_unknown"}),
    "api:saved-card-remove": Route(post=call(404), names={"card_id": "crd_unknown"}),
}
