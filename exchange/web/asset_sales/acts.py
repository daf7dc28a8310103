"""What may be done on an asset sale's page, and with which form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exchange.asset_sales import preparing, results, rounds
from exchange.asset_sales.lifecycle import ASSET_SALE
from exchange.asset_sales.lifecycle import AssetSaleTransition as X
from exchange.asset_sales.models import AssetSale
from exchange.asset_sales.queries import subject_of
from exchange.core.fields import MoneyForm, ReasonForm
from exchange.members import policy
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.web.asset_sales import forms as sale_forms


@dataclass(frozen=True)
class Step:
    """One step: the transitions that it may be, the permission it needs, its form, and the use case."""

    title: str | Promise
    button: str | Promise
    transitions: tuple[X, ...]
    permission: Permission
    form: type[forms.Form]
    perform: Callable[..., object]


def _value(asset_sale_id: str, form: sale_forms.ValuationForm, **who: Any) -> object:
    report = form.cleaned_data["report"]
    return preparing.value(asset_sale_id, command=form.command(), report=report, **who)


def _announce(asset_sale_id: str, form: sale_forms.RoundForm, **who: Any) -> object:
    return rounds.announce(asset_sale_id, command=form.command(), **who)


def _with(use_case: Callable[..., object]) -> Callable[..., object]:
    """A call of the use case with the form's fields by name."""

    def perform(asset_sale_id: str, form: forms.Form, **who: Any) -> object:
        said = form.minor_units() if isinstance(form, MoneyForm) else form.cleaned_data
        return use_case(asset_sale_id, **said, **who)

    return perform


STEPS: Mapping[str, Step] = {
    "decide": Step(
        _("Decide on the sale"), _("Record the decision"), (X.DECIDE,), Permission.ASSET_SALE_DECIDE,
        sale_forms.DecideForm, _with(preparing.decide),
    ),
    "value": Step(
        _("Hand in the valuation"), _("Hand in"), (X.VALUE,), Permission.ASSET_SALE_PREPARE,
        sale_forms.ValuationForm, _value,
    ),
    "file": Step(
        _("Prove the filing"), _("Hand in"), (X.FILE,), Permission.ASSET_SALE_PREPARE,
        sale_forms.FilingForm, _with(preparing.file),
    ),
    "announce": Step(
        _("Announce it"), _("Announce"), (X.ANNOUNCE, X.EXTEND, X.LOWER),
        Permission.ASSET_SALE_PREPARE, sale_forms.RoundForm, _announce,
    ),
    "consent": Step(
        _("Hand in a consent to a lower floor"), _("Hand in"), (X.CONSENT,),
        Permission.ASSET_SALE_DECIDE, sale_forms.ConsentForm, _with(rounds.consent),
    ),
    "agree": Step(
        _("Agree with the one buyer"), _("Agree"), (X.AGREE,), Permission.ASSET_SALE_PREPARE,
        sale_forms.AgreeForm, _with(results.agree),
    ),
    "approve-related": Step(
        _("Approve the related buyer"), _("Approve"), (X.APPROVE_RELATED,),
        Permission.ASSET_SALE_DECIDE, ReasonForm, _with(results.approve_related),
    ),
    "cancel": Step(
        _("Give the sale up"), _("Cancel the sale"), (X.CANCEL,), Permission.ASSET_SALE_PREPARE,
        ReasonForm, _with(preparing.cancel),
    ),
}  # fmt: skip


def form_of(step: Step, asset_sale: AssetSale, request: HttpRequest | None = None) -> forms.Form:
    """The step's form, with what was sent, if anything was."""
    options: dict[str, Any] = {"auto_id": f"{step.transitions[0].value}_%s"}
    if issubclass(step.form, MoneyForm):
        options["currency"] = asset_sale.currency
    if request is None:
        return step.form(**options)
    return step.form(request.POST, request.FILES, **options)


def possible(asset_sale: AssetSale, actor: Actor) -> dict[str, Step]:
    """The steps that the actor may take now."""
    subject = subject_of(asset_sale)
    return {
        name: step
        for name, step in STEPS.items()
        if any(ASSET_SALE.may(asset_sale, transition) for transition in step.transitions)
        and policy.allowed(actor, step.permission, subject).allowed
        and (name != "approve-related" or _waits_for_approval(asset_sale))
    }


def take(
    step: Step, form: forms.Form, *, actor: Actor, asset_sale_id: str, now: datetime
) -> object:
    """Perform the step with a valid form. Raises what the use case refuses."""
    return step.perform(asset_sale_id, form, actor=actor, now=now)


def _waits_for_approval(asset_sale: AssetSale) -> bool:
    won = asset_sale.steps.filter(transition__in=[X.AGREE, X.AWARD]).order_by("-number").first()
    return won is not None and bool(won.facts.get("related"))
