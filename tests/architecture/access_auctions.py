"""Who gets which answer at the addresses of auctions."""

from collections.abc import Mapping

from tests.architecture.access_routes import (
    OFFERED,
    PRODUCT,
    Route,
    act,
    answer,
    call,
    desk,
    page,
    row,
)

# Nobody knows of an auction that is not there; who has no standing learns no more.
UNKNOWN = {"auction_id": "auc_unknown"}
NO_AUCTION = call(404, key=404)
NO_PAGE = Route(get=page(404), names=UNKNOWN)
NO_POST = Route(post=page(404), names=UNKNOWN)

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
    "web:auctions": Route(get=page(200, newcomer=403)),
    # The agent of an admitted buyer asks sellers for offers.
    "web:procure": Route(get=page(403, buyer=200), post=page(403, buyer=422)),
    "web:auction": NO_PAGE,
    "web:auction_version": Route(get=answer(404), names=UNKNOWN),
    "web:auction_bid": NO_POST,
    "web:auction_register": NO_POST,
    "web:auction_withdraw": NO_POST,
    "web:auction_receipt": NO_POST,
    "web:auction_evidence": NO_PAGE,
    "web:auction_act": Route(post=page(404), names={**UNKNOWN, "name": "pause"}),
    "web:sell_simulate": Route(get=OFFERED, names=PRODUCT),
    "web:sell_use": Route(get=OFFERED, post=OFFERED, names=PRODUCT),
    "web:sell_auction": Route(get=OFFERED, names=PRODUCT),
    "web:sell_auction_new": Route(get=OFFERED, post=OFFERED, names={**PRODUCT, "kind": "english"}),
    # The console.
    "console:auctions_auction_change": row("auctions.auction", get=desk(302)),
    "console:auctions_auction_pause": act("auctions.auction", operators=403),
    "console:auctions_auction_resume": act("auctions.auction", operators=403),
    "console:auctions_auction_extend": act("auctions.auction", operators=403),
    "console:auctions_auction_cancel": act("auctions.auction", operators=403),
    "console:members_relatedparty_change": row("members.relatedparty", get=desk(302)),
    "console:members_relatedparty_declare": Route(
        get=desk(403, operators=200), post=desk(403, operators=200), asks_no_method=True
    ),
    "console:members_relatedparty_end": act("members.relatedparty", operators=404),
}
