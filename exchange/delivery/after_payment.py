"""What a paid order opens, by the way in which its product is delivered.

- File: the files that the terms include, by signed link.
- API, at the seller's own place, by people: the seller's address, or the seller's people; no file.
- Sandbox: the data stays. Until the exchange opens its trusted space nobody can order such a product;
  an order that is paid all the same waits for its delivery with the money held, and an entitlement
  from before opens no file.

Which of these lets files leave is decided in `catalog/disclosure.py`, by what was bought and by the
product as it stands now: the stricter of both.
"""

from collections.abc import Mapping
from typing import Any

from exchange.catalog import disclosure
from exchange.catalog.disclosure import Asker, Part, Parts
from exchange.catalog.models import Product
from exchange.delivery.models import Entitlement


def check_opens(product: Product) -> None:
    """Raise TrustedSpaceNotOpen where the exchange has nothing yet that it could open to the buyer."""
    disclosure.check_orderable(product)


def parts_of(entitlement: Entitlement) -> Parts:
    """What may leave towards the buyer under an entitlement."""
    product = entitlement.product
    as_it_stands = disclosure.leaving(product, asker=Asker.BUYER)
    return as_it_stands & parts_sold(entitlement.terms) if entitlement.terms else as_it_stands


def parts_sold(terms: Mapping[str, Any]) -> Parts:
    """What may leave towards the buyer by the terms of the order."""
    return disclosure.may_leave(
        delivery=terms["delivery"], grade=terms["product"]["grade"], asker=Asker.BUYER
    )


def opens_files(entitlement: Entitlement) -> bool:
    """Whether any file may be fetched under the entitlement, now that it is open."""
    return Part.BYTES in parts_of(entitlement)


def check_opens_files(entitlement: Entitlement) -> None:
    """Raise DataStays unless files may be fetched under the entitlement."""
    disclosure.check_bytes(parts_of(entitlement))
