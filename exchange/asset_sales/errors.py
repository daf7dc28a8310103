"""Why an asset sale says no."""

from exchange.core.refusals import Invalid, Refusal


class AssetSaleRefused(Invalid):
    """What was given for a step is not what it needs; `field` names what is wrong."""

    code = "asset_sale_refused"


class AssetSaleExists(Refusal):
    """The product has an asset sale that has not ended; `asset_sale` names it."""

    code = "asset_sale_exists"


class FloorTooLow(Refusal):
    """The floor is below what is accepted; `least_minor` says what is."""

    code = "asset_sale_floor_too_low"


class ConsentNeeded(Refusal):
    """The floor is below the share of the valuation that needs the approver's consent.

    `least_minor` is accepted without it; `rule` and `source` say why.
    """

    code = "asset_sale_consent_needed"


class DepositTooHigh(Invalid):
    """The deposit is above the share of the floor that the rule allows; `most_minor` is accepted."""

    code = "asset_sale_deposit_too_high"


class NoticeTooShort(Invalid):
    """The announcement is shorter than its class of floor asks for; `least_days` is accepted."""

    code = "asset_sale_notice_too_short"


class ValuationRunOut(Refusal):
    """The valuation or the first announcement is too old: it has to be redone first."""

    code = "asset_sale_valuation_run_out"


class RegistrationClosed(Refusal):
    """Bidders register while the announcement runs; `ends_at` is when that ends."""

    code = "asset_sale_registration_closed"


class OfferBelowFloor(Refusal):
    """An offer or a bid is below what is accepted; `least_minor` says what is."""

    code = "asset_sale_offer_too_low"


class DisclosureNeeded(Refusal):
    """A related organisation bids like others, once it has said how it is related."""

    code = "asset_sale_disclosure_needed"


class BidderNotQualified(Refusal):
    """Only bidders whom the exchange has qualified bid."""

    code = "asset_sale_bidder_not_qualified"


class BiddingClosed(Refusal):
    """The bid came after the end of the bidding, or there is none; `ends_at` says when."""

    code = "asset_sale_bidding_closed"


class RelatedApprovalNeeded(Refusal):
    """The buyer is related to the seller: an independent approval comes before the result."""

    code = "asset_sale_related_approval_needed"


class BidderDecided(Refusal):
    """The bidder was qualified or rejected before; `standing` says which."""

    code = "asset_sale_bidder_decided"


class OfferAboveLimit(Refusal):
    """The offer is above what one person of the buyer may spend alone; `limit_minor` is the most."""

    code = "asset_sale_offer_above_limit"
