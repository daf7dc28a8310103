"""What sellers read when a payout did not arrive."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: Mapping[str, str | Promise] = {
    "account_closed": _("The bank says that the account is closed. Name another account."),
    "balance_insufficient": _("The exchange will try again with the next run."),
}
OTHER = _("The bank sent the money back. Check the account, or name another one.")


def failure_sentence(code: str) -> str:
    """One sentence for the provider's code."""
    return str(SENTENCES.get(code, OTHER))
