"""Why metering says no."""

from http import HTTPStatus

from exchange.core.refusals import Invalid, NotFound, Refusal


class BatchRefused(Invalid):
    """The batch is not a list of events, or is too long; `limit` is the longest."""

    code = "usage_batch_refused"


class LineInvalid(Invalid):
    """A line of the batch is not an event; `field` names what is wrong."""

    code = "usage_line_invalid"


class UnknownSubscription(NotFound):
    """None of the caller's products has a metered subscription with this id."""

    code = "unknown_subscription"


class UnknownMeter(Invalid):
    """The subscription's plan has no such meter; `accepted` are those that it has."""

    code = "unknown_meter"


class FromTheFuture(Invalid):
    """The event's time lies ahead of the exchange's clock; `accepted` is the latest."""

    code = "usage_from_future"


class OutsideSubscription(Invalid):
    """The event happened before the subscription began or after it ended."""

    code = "usage_outside_subscription"


class LastBillFinal(Refusal):
    """The subscription has ended and its last bill is final: no bill takes the event any more."""

    code = "usage_last_bill_final"


class EventDiffers(Refusal):
    """An event with this source and id is known with another content, which stays."""

    code = "usage_event_differs"
    http_status = HTTPStatus.CONFLICT


class CapReached(Refusal):
    """The period's hard cap is reached: the data opens again with the next period or a higher cap."""

    code = "usage_cap_reached"


class CapRefused(Invalid):
    """The cap is below what was used already; `least_minor` is the lowest that is taken."""

    code = "usage_cap_refused"


class UseNotCovered(Refusal):
    """The buyer's wallet lacks what is owed with this use: topped up, the data opens again.
    `missing_minor` is what it lacks."""

    code = "usage_not_covered"


class UseBeyondPlan(Refusal):
    """The plan has no price for so much use."""

    code = "usage_beyond_plan"


class DisputeRefused(Invalid):
    """The objection or decision does not fit what was counted; `field` names what is wrong."""

    code = "usage_dispute_refused"
