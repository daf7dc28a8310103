"""Who gets which answer at the addresses of auctions."""

from collections.abc import Mapping

from tests.architecture.access_routes import (
    OFFERED,
    PRODUCT,
    Route,
    act,
    call,
    desk,
    page,
    row,
)

# Nobody knows of an auction that is not there; who has no standing learns no more.
UNKNOWN = {"auction_id": "auc_unknown"}
NO_POST = Route(post=page(404), names=UNKNOWN)

AUCTIONS: Mapping[str, Route] = {
    "api:auctions": Route(get=call(200, key=200, newcomer=403), post=call(422)),
    "web:auctions": Route(get=page(200, newcomer=403)),
    # The agent of an admitted buyer asks sellers for offers.
    "web:procure": Route(get=page(403, buyer=200), post=page(403, buyer=422)),
    "web:auction_receipt": NO_POST,
    "web:sell_simulate": Route(get=OFFERED, names=PRODUCT),
    "web:sell_use": Route(get=OFFERED, post=OFFERED, names=PRODUCT),
    "web:sell_auction": Route(get=OFFERED, names=PRODUCT),
    "web:sell_auction_new": Route(get=OFFERED, post=OFFERED, names={**PRODUCT, "kind": "english"}),
    # The console.
    "console:auctions_auction_resume": act("auctions.auction", operators=403),
    "console:members_personaltie_change": row("members.personaltie", get=desk(302)),
    "console:members_personaltie_end": act("members.personaltie", operators=404),
    "console:members_personaltie_declare": Route(
        get=desk(403, operators=200), post=desk(403, operators=200), asks_no_method=True
    ),
    "console:members_relatedparty_declare": Route(
        get=desk(403, operators=200), post=desk(403, operators=200), asks_no_method=True
    ),
}
