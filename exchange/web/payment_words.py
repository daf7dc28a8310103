"""What people read when a card is declined: what happened, and what they can do."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: Mapping[str, str | Promise] = {
    "insufficient_funds": _("The card has not enough money. Use another card, or try again later."),
    "expired_card": _("The card has run out. Use another card."),
    "authentication_failed": _(
        "Your bank was not told that it is you who pays. Try again, or use another card."
    ),
    "authorisation_ended": _("The money was set aside for too long. Please pay again."),
}
OTHER = _("Your bank declined the card and does not say why. Use another card, or ask your bank.")


def refusal_sentence(code: str) -> str:
    """One sentence for the provider's code."""
    return str(SENTENCES.get(code, OTHER))
