"""The first page of the desk: what waits for the seller, and what it has on offer."""

from django.urls import reverse
from django.utils.translation import gettext as _

from exchange.catalog.lifecycle import ListingState, Turn
from exchange.catalog.queries import products_of
from exchange.console.dashboard import Queue, counted, figure_of
from exchange.members.actors import Actor

TO_CORRECT = (ListingState.RETURNED, ListingState.SUSPENDED)


def overview(actor: Actor) -> list[Queue]:
    """All tiles, each counted up to a bound."""
    return [_to_correct(actor), _drafts(actor), _under_review(actor), _listed(actor)]


def _to_correct(actor: Actor) -> Queue:
    waiting = counted(products_of(actor).filter(state__in=TO_CORRECT))
    return Queue(
        title=_("Products to correct"),
        figure=figure_of(waiting),
        note=_("The exchange waits for you.") if waiting else _("Nothing to correct."),
        link=_products("turn__exact=seller"),
        icon="undo",
        tone="warning" if waiting else "success",
    )


def _drafts(actor: Actor) -> Queue:
    drafts = counted(products_of(actor).filter(state=ListingState.DRAFT))
    return Queue(
        title=_("Drafts"),
        figure=figure_of(drafts),
        note=_("Complete them and submit them.") if drafts else _("None is begun."),
        link=_products(f"state__exact={ListingState.DRAFT.value}"),
        icon="edit_note",
    )


def _under_review(actor: Actor) -> Queue:
    waiting = counted(products_of(actor).filter(turn=Turn.OPERATOR))
    return Queue(
        title=_("With the exchange"),
        figure=figure_of(waiting),
        note=_("The exchange reviews them.") if waiting else _("Nothing is under review."),
        link=_products(f"turn__exact={Turn.OPERATOR.value}"),
        icon="fact_check",
    )


def _listed(actor: Actor) -> Queue:
    listed = counted(products_of(actor).filter(state=ListingState.LISTED))
    return Queue(
        title=_("On the list"),
        figure=figure_of(listed),
        note=_("Buyers can find and buy them.") if listed else _("Buyers find nothing of yours."),
        link=_products(f"state__exact={ListingState.LISTED.value}"),
        icon="storefront",
        tone="success" if listed else "",
    )


def _products(query: str) -> str:
    return f"{reverse('desk:catalog_product_changelist')}?{query}"
