"""Who gets which answer at the addresses of auctions."""

from collections.abc import Mapping

from tests.architecture.access_routes import Route, call

# Nobody knows of an auction that is not there; who has no standing learns no more.
UNKNOWN = {"auction_id": "auc_unknown"}
NO_AUCTION = call(404, key=404)

AUCTIONS: Mapping[str, Route] = {
    "api:auctions": Route(get=call(200, key=200, newcomer=403), post=call(422)),
    "api:auction": Route(get=NO_AUCTION, names=UNKNOWN),
    "api:auction-bids": Route(get=NO_AUCTION, post=call(422), names=UNKNOWN),
    "api:auction-register": Route(post=call(404, newcomer=403), names=UNKNOWN),
    "api:auction-withdraw": Route(post=call(422), names=UNKNOWN),
    "api:auction-reveal": Route(post=call(422), names=UNKNOWN),
    "api:auction-cancel": Route(post=call(422), names=UNKNOWN),
    "api:auction-awards": Route(get=NO_AUCTION, names=UNKNOWN),
    "api:auction-evidence": Route(get=NO_AUCTION, names=UNKNOWN),
}
