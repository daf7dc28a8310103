"""Why an auction says no."""

from http import HTTPStatus

from exchange.core.refusals import Invalid, NotAllowed, Refusal


class AuctionRefused(Invalid):
    """The request for an auction is not one that can be held; `field` names what is wrong."""

    code = "auction_refused"


class AuctionNotOpen(Refusal):
    """The auction takes no bids at the moment; `state` says where it stands."""

    code = "auction_not_open"


class AuctionEnded(Refusal):
    """The bid came at or after the end by the clock of the exchange; `server_time` is when."""

    code = "bid_after_close"


class BidTooLow(Refusal):
    """The bid does not reach what the auction accepts next; `least_minor` is the minimum."""

    code = "bid_below_minimum"


class ProductInAuction(Refusal):
    """An announced auction sells the product: its seller cannot take it off the list; `auction` names it
    and `closes_at` says until when."""

    code = "product_in_auction"


class PriceMoved(Refusal):
    """The falling clock shows another price than the one accepted; `price_minor` is the one now."""

    code = "price_moved"


class SoldOut(Refusal):
    """Fewer are left than were asked for; `left` says how many."""

    code = "sold_out"


class WrongCurrency(Invalid):
    """The auction is held in another currency; `accepted` names it."""

    code = "wrong_currency"


class BidExists(Refusal):
    """The organisation has a sealed bid in this auction: withdraw it before placing another."""

    code = "bid_exists"


class BidRefused(Invalid):
    """The bid has not the form that this auction asks for; `field` names what is wrong."""

    code = "bid_refused"


class BidAboveLimit(NotAllowed):
    """The bid is above what one person of the organisation may spend alone; a bid binds at once."""

    code = "bid_above_limit"


class BidderRelated(NotAllowed):
    """Who holds the auction or gets a part of what it brings, or is related to who does, cannot bid."""

    code = "bidder_related"


class DepositGone(Refusal):
    """The deposit for this auction was given back or forfeited; it cannot be placed again."""

    code = "deposit_gone"


class NotWithdrawable(Refusal):
    """The bid cannot be withdrawn: only sealed bids can, until the close."""

    code = "bid_not_withdrawable"


class CommitmentDiffers(Invalid):
    """The bid, or what is revealed, does not give the commitment; `expected` is the one kept."""

    code = "commitment_differs"


class NothingToReveal(Refusal):
    """There is no bid of the organisation that waits to be revealed now."""

    code = "nothing_to_reveal"


class EndNotLater(Invalid):
    """An extension moves the end to a later moment; `closes_at` is the end as it stands."""

    code = "end_not_later"


class NotDrawn(Refusal):
    """The auction has no evidence yet."""

    code = "auction_not_cleared"
    http_status = HTTPStatus.NOT_FOUND
