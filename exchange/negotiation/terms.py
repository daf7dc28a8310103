"""What a proposal is about: price, access, licence, use. A document of plain values, and its reading."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from exchange.catalog.choices import NEVER_ALLOWED, RIGHTS
from exchange.catalog.lifecycle import DealNature, Future, History, OfferKind
from exchange.catalog.offers import OfferRequest, check_command
from exchange.catalog.plans import flat_plan, priced
from exchange.contracts.templates import FUSION, PROVISION, template_codes
from exchange.core.inputs import checked_amount
from exchange.core.refusals import Invalid
from exchange.negotiation.errors import ProposalRefused
from pricing.money import Money

PURPOSE_CHARS_MAX = 500
TERRITORY_CHARS_MAX = 100
USES_MAX = 10**9
CALLS_MAX = 10_000
CALLS_DAYS_MAX = 3_650
PERCENT = 100
ENVIRONMENTS = ("", "own", "sandbox")


@dataclass(frozen=True)
class Terms:
    """What is proposed. `price` is net, per period for a subscription; None asks for one. A `plan` of
    `pricing.charges` may stand behind it. Empty `environment`: anywhere. `uses_max` None: no limit.
    With `calls_max` it is a framework agreement: so many orders on these terms within `calls_days`.
    """

    currency: str
    price_minor: int | None
    plan: Mapping[str, Any] | None = None
    period: str = ""
    access_days: int | None = None
    history: str = History.ALL.value
    history_count: int | None = None
    future: str = Future.NONE.value
    allowed: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    nature: str = DealNature.LICENCE.value
    template: str = PROVISION
    purpose: str = ""
    territory: str = ""
    environment: str = ""
    uses_max: int | None = None
    seller_share_percent: int | None = None
    calls_max: int | None = None
    calls_days: int | None = None

    @property
    def price(self) -> Money | None:
        return None if self.price_minor is None else Money(self.price_minor, self.currency)

    def document(self) -> dict[str, Any]:
        """The terms as plain values, codes in a fixed order. The price is text: it may be large."""
        return {
            "currency": self.currency,
            "price_minor": None if self.price_minor is None else str(self.price_minor),
            "plan": None if self.plan is None else dict(self.plan),
            "period": self.period,
            "access_days": self.access_days,
            "history": self.history,
            "history_count": self.history_count,
            "future": self.future,
            "allowed": sorted(self.allowed),
            "forbidden": sorted(self.forbidden),
            "nature": self.nature,
            "template": self.template,
            "purpose": self.purpose,
            "territory": self.territory,
            "environment": self.environment,
            "uses_max": self.uses_max,
            "seller_share_percent": self.seller_share_percent,
            "calls_max": self.calls_max,
            "calls_days": self.calls_days,
        }

    def command(self, *, name: str) -> OfferRequest:
        """The offer that the terms come down to."""
        price = self.price or Money(0, self.currency)
        kind = OfferKind.SUBSCRIPTION if self.period else OfferKind.ONE_OFF
        return OfferRequest(
            name=name,
            kind=kind if price.minor else OfferKind.FREE,
            price=price,
            period=self.period,
            access_days=self.access_days,
            history=History(self.history),
            history_count=self.history_count,
            future=Future(self.future),
            plan=self.plan,
        )


def read_terms(document: Mapping[str, Any]) -> Terms:
    """The terms of a proposal's document."""
    price = document["price_minor"]
    return Terms(
        **{
            **document,
            "price_minor": None if price is None else int(price),
            "allowed": tuple(document["allowed"]),
            "forbidden": tuple(document["forbidden"]),
        }
    )


def checked(terms: Terms, *, now: datetime) -> Terms:
    """The terms, with the price that their plan charges. Raises ProposalRefused or OfferRefused."""
    _check_words(terms)
    _check_codes(terms)
    if terms.plan is not None:
        price = priced(terms.plan, at=now).price
        if price.currency != terms.currency:
            _refuse("plan", _("The plan charges in another currency."))
        terms = Terms(**{**vars(terms), "price_minor": price.minor})
    if terms.price_minor is None:
        return terms
    command = terms.command(name="-")
    check_command(command, now=now)
    price = command.price
    priced(command.plan or flat_plan(name="proposal", number=1, title="-", price=price), at=now)
    return terms


def _check_words(terms: Terms) -> None:
    for field, text, limit in (
        ("purpose", terms.purpose, PURPOSE_CHARS_MAX),
        ("territory", terms.territory, TERRITORY_CHARS_MAX),
    ):
        if len(text) > limit or "\x00" in text:
            _refuse(field, _("This is too long."), limit=limit)
    if terms.uses_max is not None and not 1 <= terms.uses_max <= USES_MAX:
        _refuse("uses_max", _("A number of uses is at least one."), minimum=1, maximum=USES_MAX)
    share = terms.seller_share_percent
    if share is not None and not 0 <= share <= PERCENT:
        _refuse("seller_share_percent", _("A share lies between 0 and 100 percent."))
    if (share is not None) != (terms.template == FUSION):
        _refuse(
            "seller_share_percent",
            _("A share of the results is named in fusion development, and only there."),
        )
    _check_framework(terms)
    if terms.price_minor is not None:
        try:
            checked_amount(terms.price_minor, terms.currency, least_minor=0)
        except Invalid as refusal:
            _refuse("price_minor", refusal.message, **refusal.facts)


def _check_framework(terms: Terms) -> None:
    """A framework says how often and how long, for orders that are whole by themselves."""
    calls, days = terms.calls_max, terms.calls_days
    if calls is None and days is None:
        return
    if calls is None or days is None:
        _refuse("calls_max", _("A framework agreement says how often and for how many days."))
    if not 2 <= calls <= CALLS_MAX or not 1 <= days <= CALLS_DAYS_MAX:  # noqa: PLR2004 - one call is no framework
        _refuse(
            "calls_max",
            _("A framework agreement is for 2 orders or more, within ten years."),
            maximum=CALLS_MAX,
            days=CALLS_DAYS_MAX,
        )
    if terms.period or terms.uses_max is not None:
        _refuse("calls_max", _("What is called off is paid once and has no limit of uses."))


def _check_codes(terms: Terms) -> None:
    named = set(terms.allowed) | set(terms.forbidden)
    if named - set(RIGHTS) or set(terms.allowed) & set(terms.forbidden):
        _refuse("allowed", _("A use is allowed or forbidden, and known."), accepted=sorted(RIGHTS))
    if set(terms.allowed) & NEVER_ALLOWED:
        _refuse("allowed", _("The law forbids this use to everybody."), never=sorted(NEVER_ALLOWED))
    for field, value, accepted in (
        ("history", terms.history, History.values),
        ("future", terms.future, Future.values),
        ("nature", terms.nature, DealNature.values),
        ("template", terms.template, template_codes()),
        ("environment", terms.environment, ENVIRONMENTS),
    ):
        if value not in accepted:
            _refuse(field, _("This is none of the values to choose from."), accepted=list(accepted))


def _refuse(field: str, message: str, **facts: object) -> NoReturn:
    raise ProposalRefused(message, field=field, **facts)
