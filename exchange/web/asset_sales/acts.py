"""What may be done on an asset sale's page, and with which form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exchange.asset_sales.models import AssetSale
from exchange.asset_sales.queries.asset_sales import subject_of
from exchange.asset_sales.states import MOVES, AssetSaleState, Move
from exchange.flows import asset_sale_preparing as preparing
from exchange.flows import asset_sale_results as results
from exchange.flows import asset_sale_rounds as rounds
from exchange.members import policy
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.web.asset_sales import forms as sale_forms


@dataclass(frozen=True)
class Step:
    """One step: the moves that it may be, the act that is asked for, its form, and the call."""

    title: str | Promise
    button: str | Promise
    moves: tuple[Move, ...]
    permission: Permission
    form: type[forms.Form]
    perform: Callable[..., object]


def _value(*, form: sale_forms.ValuationForm, **who: Any) -> object:
    return preparing.value(wish=form.wish(), report=form.cleaned_data["report"], **who)


def _announce(*, form: sale_forms.RoundForm, **who: Any) -> object:
    return rounds.announce(wish=form.wish(), **who)


def _with(flow: Callable[..., object]) -> Callable[..., object]:
    """A call of the flow with the form's fields by name."""

    def perform(*, form: forms.Form, **who: Any) -> object:
        return flow(**form.cleaned_data, **who)

    return perform


STEPS: Mapping[str, Step] = {
    "decide": Step(
        _("Decide on the sale"), _("Record the decision"), (Move.DECIDE,), Permission.ASSET_SALE_DECIDE,
        sale_forms.DecideForm, _with(preparing.decide),
    ),
    "value": Step(
        _("Hand in the valuation"), _("Hand in"), (Move.VALUE,), Permission.ASSET_SALE_PREPARE,
        sale_forms.ValuationForm, _value,
    ),
    "file": Step(
        _("Prove the filing"), _("Hand in"), (Move.FILE,), Permission.ASSET_SALE_PREPARE,
        sale_forms.FilingForm, _with(preparing.file),
    ),
    "announce": Step(
        _("Announce it"), _("Announce"), (Move.ANNOUNCE, Move.EXTEND, Move.LOWER),
        Permission.ASSET_SALE_PREPARE, sale_forms.RoundForm, _announce,
    ),
    "consent": Step(
        _("Hand in a consent to a lower floor"), _("Hand in"), (Move.CONSENT,),
        Permission.ASSET_SALE_DECIDE, sale_forms.ConsentForm, _with(rounds.consent),
    ),
    "agree": Step(
        _("Agree with the one buyer"), _("Agree"), (Move.AGREE,), Permission.ASSET_SALE_PREPARE,
        sale_forms.AgreeForm, _with(results.agree),
    ),
    "approve-related": Step(
        _("Approve the related buyer"), _("Approve"), (Move.APPROVE_RELATED,),
        Permission.ASSET_SALE_DECIDE, sale_forms.ReasonForm, _with(results.approve_related),
    ),
    "cancel": Step(
        _("Give the sale up"), _("Cancel the sale"), (Move.CANCEL,), Permission.ASSET_SALE_PREPARE,
        sale_forms.ReasonForm, _with(preparing.cancel),
    ),
}  # fmt: skip


def form_of(step: Step, asset_sale: AssetSale, request: HttpRequest | None = None) -> forms.Form:
    """The step's form, with what was sent, if anything was."""
    options: dict[str, Any] = {"auto_id": f"{step.moves[0].value}_%s"}
    if issubclass(step.form, sale_forms.MoneyForm):
        options["currency"] = asset_sale.currency
    if request is None:
        return step.form(**options)
    return step.form(request.POST, request.FILES, **options)


def possible(asset_sale: AssetSale, actor: Actor) -> dict[str, Step]:
    """The steps that the actor may take now."""
    state, subject = AssetSaleState(asset_sale.state), subject_of(asset_sale)
    return {
        name: step
        for name, step in STEPS.items()
        if any(state in MOVES[move].sources for move in step.moves)
        and policy.allowed(actor, step.permission, subject).allowed
        and (name != "approve-related" or _waits_for_approval(asset_sale))
    }


def take(
    step: Step, form: forms.Form, *, actor: Actor, asset_sale_id: str, now: datetime
) -> object:
    """Perform the step with a valid form. Raises what the flow refuses."""
    return step.perform(form=form, actor=actor, asset_sale_id=asset_sale_id, now=now)


def _waits_for_approval(asset_sale: AssetSale) -> bool:
    won = asset_sale.steps.filter(move__in=[Move.AGREE, Move.AWARD]).order_by("-number").first()
    return won is not None and bool(won.facts.get("related"))
