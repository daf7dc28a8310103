"""What an offer opens, in words: which revisions, and for how long."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exchange.catalog.models import Offer
from exchange.catalog.states import Future, History


def access_words(offer: Offer) -> tuple[str, ...]:
    """Sentences about earlier revisions, later ones, and the end of access."""
    return _history(offer), _future(offer), _lasting(offer)


def _history(offer: Offer) -> str:
    count = offer.history_count or 1
    if offer.history == History.ALL:
        return _("All revisions published so far")
    if offer.history == History.LAST:
        return ngettext("The last revision", "The last %(count)d revisions", count) % {
            "count": count
        }
    return _("The newest revision alone")


def _future(offer: Offer) -> str:
    if offer.future == Future.ALL:
        return _("Every new revision while access lasts")
    return _("No new revisions")


def _lasting(offer: Offer) -> str:
    if offer.period:
        return _("Access for each paid period (%(period)s)") % {
            "period": offer.get_period_display()
        }
    if offer.access_days:
        return ngettext(
            "Access for %(days)d day", "Access for %(days)d days", offer.access_days
        ) % {"days": offer.access_days}
    return _("Access without end")
