"""What a state-owned seller transfers takes the path of state assets, whoever would agree otherwise."""

from django.utils.translation import gettext as _

from accounts.models import Organisation, OrganisationKind
from exchange.asset_sales.errors import StateAssetPathNeeded
from exchange.catalog.states import DealNature


def check_path(seller: Organisation, nature: str) -> None:
    """Raise StateAssetPathNeeded unless the seller may agree on this outside of the path."""
    if nature != DealNature.LICENCE and seller.kind == OrganisationKind.STATE_OWNED:
        raise StateAssetPathNeeded(
            _("A state-owned enterprise transfers or contributes data by a state-asset sale only."),
            field="nature",
            accepted=[DealNature.LICENCE.value],
        )
