"""The first page of the desk: what waits for the seller, and what it has on offer."""

from django.urls import reverse
from django.utils.translation import gettext as _

from exchange.catalog import questions
from exchange.catalog.lifecycle import ListingState, Turn
from exchange.catalog.queries import products_of, to_correct
from exchange.console.dashboard import Queue, counted, figure_of
from exchange.disputes.queries import waiting_for
from exchange.members import policy
from exchange.members.actors import Actor, Subject, organisation_of
from exchange.members.permissions import Permission
from exchange.negotiation.queries import negotiations_of
from exchange.orders.lifecycle import Turn as OrderTurn
from exchange.orders.queries import Side, orders_of
from exchange.payments.lifecycle import PayoutState
from exchange.payments.queries import payouts_of


def overview(actor: Actor) -> list[Queue]:
    """All tiles, each counted up to a bound."""
    return [
        _to_correct(actor),
        _orders(actor),
        _requests(actor),
        _questions(actor),
        _disputes(actor),
        *_payouts(actor),
        _drafts(actor),
        _under_review(actor),
        _listed(actor),
    ]


def _orders(actor: Actor) -> Queue:
    sold = orders_of(organisation_of(actor), side=Side.SELLER)
    waiting = counted(sold.filter(turn=OrderTurn.SELLER))
    return Queue(
        title=_("Orders that wait for you"),
        figure=figure_of(waiting),
        note=_("Buyers wait for what you do next.") if waiting else _("None waits for you."),
        link=f"{reverse('desk:orders_order_changelist')}?turn__exact={OrderTurn.SELLER.value}",
        icon="shopping_cart",
        tone="warning" if waiting else "success",
    )


def _requests(actor: Actor) -> Queue:
    mine = organisation_of(actor)
    waiting = counted(negotiations_of(mine, wanted="turn").filter(seller_id=mine))
    return Queue(
        title=_("Requests that wait for you"),
        figure=figure_of(waiting),
        note=_("Buyers wait for your answer.") if waiting else _("None waits for you."),
        link=f"{reverse('desk:negotiation_negotiation_changelist')}?turn__exact=seller",
        icon="forum",
        tone="warning" if waiting else "success",
    )


def _questions(actor: Actor) -> Queue:
    waiting = counted(questions.waiting_for(organisation_of(actor)))
    return Queue(
        title=_("Questions that wait for you"),
        figure=figure_of(waiting),
        note=_("Readers wait for your answer.") if waiting else _("None waits for you."),
        link=f"{reverse('desk:catalog_question_changelist')}?state__exact=open",
        icon="contact_support",
        tone="warning" if waiting else "success",
    )


def _disputes(actor: Actor) -> Queue:
    mine = organisation_of(actor)
    waiting = counted(waiting_for(mine).filter(order__seller_id=mine))
    return Queue(
        title=_("Disputes that wait for you"),
        figure=figure_of(waiting),
        note=_("Answer in time, or they end without you.") if waiting else _("None waits for you."),
        link=reverse("desk:disputes_dispute_changelist"),
        icon="gavel",
        tone="danger" if waiting else "success",
    )


def _payouts(actor: Actor) -> list[Queue]:
    """For those who see what the organisation earns."""
    mine = organisation_of(actor)
    if not policy.allowed(actor, Permission.EARNINGS_SEE, Subject(organisation_id=mine)):
        return []
    failed = counted(payouts_of(mine).filter(state=PayoutState.FAILED))
    return [
        Queue(
            title=_("Payouts that did not arrive"),
            figure=figure_of(failed),
            note=_("Look at the account they go to.") if failed else _("None came back."),
            link=reverse("desk:payments_payout_changelist"),
            icon="outbound",
            tone="danger" if failed else "success",
        )
    ]


def _to_correct(actor: Actor) -> Queue:
    waiting = counted(to_correct(actor))
    return Queue(
        title=_("Products to correct"),
        figure=figure_of(waiting),
        note=_("The exchange waits for you.") if waiting else _("Nothing to correct."),
        link=_products("state__in=returned,suspended"),
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
