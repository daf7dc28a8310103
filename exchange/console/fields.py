"""How an admin site shows a model's field: one form for each kind of value, in lists and on pages.

`reading` makes a column of a field: moments and money in the reader's language, people by name and
organisation, steps and reasons in words. What Django already shows so is left to it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from exchange.auctions.models import Auction
from exchange.console.actors import PERSON, actor_shown, person_shown
from exchange.console.readings import failure_shown, reason_shown
from exchange.core.fields import MinorUnitsField
from exchange.core.formatting import NOTHING, day_shown, end_shown, moment_shown, money_shown
from exchange.core.models.steps import Step
from exchange.core.titles import title_of
from exchange.ledger.models import Account
from exchange.orders.models import Order
from exchange.payments.entry_labels import account_label
from pricing.money import Money

Text = str | Promise
Show = Callable[[Any], str | SafeString]
Reading = Callable[[Any], str | SafeString]

# Text fields that keep who did something.
ACTORS = frozenset(
    {
        "actor", "approved_by", "by", "changed_by", "closed_by", "declared_by", "entered_by", "invited_by",
        "made_by", "matched_by", "opened_by", "owner", "retried_by", "sent_by", "set_by", "started_by", "withdrawn_by",
        "written_by",
    }
)  # fmt: skip
# Of a public id, what people name a row by: the search finds it by as much.
SHORT_CHARS = 6
# And those that keep the provider's code.
FAILURES = frozenset({"failure", "last_refusal"})
# Names of fields whose models give them none.
NAMES: Mapping[str, Text] = {
    "actor": _("actor"),
    "at": _("at"),
    "credit": _("credit"),
    "debit": _("debit"),
    "event": _("event"),
    "pack": _("rule pack"),
    "pending_of": _("settles the hold"),
    "posting": _("posting"),
    "public_id": _("public id"),
    "subject": _("subject"),
    "tree_size": _("tree size"),
}


@cache
def reading(
    model: type[models.Model], name: str, *, site: str = "", members_at: str = ""
) -> Reading | str:
    """A column for the model's field of that name; the name itself where Django shows the field as
    it is, or where it is no field. With `site`, on a row's page in it: a related row leads to its own,
    and a moment has its zone beside it; in a list the heading names the zone. `members_at` is the site
    in which an organisation's name leads to its page, also in a list."""
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return name
    if not isinstance(field, models.Field):
        return name
    leads = bool(members_at) and field.related_model is Organisation
    show = _show(model, field, site=members_at if leads else site)
    if show is None and isinstance(field.verbose_name, Promise):
        return name
    shown = show or (lambda row: _plain(row, name))

    def column(row: Any) -> str | SafeString:
        return shown(row)

    column.__name__ = name
    column.short_description = _heading(field, linked=bool(site))  # type: ignore[attr-defined]  # the admin reads it there
    if isinstance(field, models.DateField | MinorUnitsField):
        column.admin_order_field = name  # type: ignore[attr-defined]  # as above
    column.leads_to_member = leads  # type: ignore[attr-defined]  # read by `leads_to_member`
    return column


def leads_to_member(column: Reading | str) -> bool:
    """Whether the column is an organisation's name that leads to its page."""
    return bool(getattr(column, "leads_to_member", False))


def actors_in(rows: Iterable[Any], names: Collection[str]) -> Iterator[str]:
    """Who is named in these fields of the rows."""
    for row in rows:
        for name in names:
            value = getattr(row, name, None)
            if isinstance(value, User):
                yield f"{PERSON}{value.public_id}"
            elif name in ACTORS and isinstance(value, str):
                yield value


def _show(model: type[models.Model], field: "models.Field[Any, Any]", *, site: str) -> Show | None:
    name = field.name
    if issubclass(model, Step) and name in STEPS:
        return STEPS[name]
    if name == "title" and issubclass(model, Order | Auction):
        return title_of
    show = BY_NAME.get(name)
    if show is not None and not field.is_relation:
        return lambda row: show(getattr(row, name)) or NOTHING
    shown = end_shown if name in ENDS else moment_shown
    by_type: list[tuple[type, Show]] = [
        (models.DateTimeField, lambda row: shown(getattr(row, name), zone=bool(site))),
        (models.DateField, lambda row: day_shown(getattr(row, name))),
        (MinorUnitsField, lambda row: _money(row, name)),
        (models.BooleanField, lambda row: _yes_or_no(row, name)),
        (models.JSONField, lambda row: _listed(getattr(row, name))),
        (models.ForeignKey, lambda row: _related(getattr(row, name), site=site)),
    ]
    return next((show for kind, show in by_type if isinstance(field, kind)), None)


def _yes_or_no(row: models.Model, name: str) -> str:
    """In words: the theme's red cross for "no" would call every "no" a fault."""
    answer = getattr(row, name)
    if answer is None:
        return NOTHING
    return str(_("Yes") if answer else _("No"))


def _listed(value: Any) -> str:
    """What a field keeps as JSON, one after the other."""
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value) or NOTHING
    return str(value) if value else NOTHING


def titled(row: models.Model) -> str:
    """What a row is called: in words, without the id that its page shows besides."""
    if isinstance(row, Account):
        return account_label(row.code)
    name, public_id = str(row), str(getattr(row, "public_id", ""))
    if not public_id or not name.startswith(public_id):
        return name
    words = name.removeprefix(public_id).lstrip(" ·")
    return words or f"{capfirst(str(row._meta.verbose_name))} {public_id[-SHORT_CHARS:]}"


def _id(value: str) -> SafeString:
    """An id that readers search for as it is."""
    return format_html("<code>{}</code>", value)


# Text fields that keep codes and ids.
BY_NAME: Mapping[str, Show] = {
    **dict.fromkeys(ACTORS, actor_shown),
    **dict.fromkeys(FAILURES, failure_shown),
    "reason_code": reason_shown,
    "subject": _id,
}
# Moments at which something ends.
ENDS = frozenset({"due_at", "ends_at", "expires_at", "until_at", "valid_until"})
# A step's fields keep codes of its lifecycle.
STEPS: Mapping[str, Show] = {
    "transition": lambda row: row.get_transition_display(),
    "source": lambda row: row.get_source_display() if row.source else NOTHING,
    "target": lambda row: row.get_target_display(),
}


def _plain(row: Any, name: str) -> str:
    display = getattr(row, f"get_{name}_display", None)
    value = display() if display else getattr(row, name)
    return NOTHING if value in (None, "") else str(value)


def _money(row: Any, name: str) -> str:
    minor = getattr(row, name)
    if minor is None:
        return NOTHING
    of = next(one for one in (row, *(getattr(row, link, None) for link in PRICED)) if _priced(one))
    return money_shown(Money(minor, of.currency))


# Where the currency of a row without one stands.
PRICED = ("asset_sale", "auction")


def _priced(row: Any) -> bool:
    return getattr(row, "currency", None) is not None


def _related(found: models.Model | None, *, site: str) -> str | SafeString:
    if found is None:
        return NOTHING
    said = person_shown(found) if isinstance(found, User) else titled(found)
    meta = found._meta
    if not site:
        return said
    try:
        page = reverse(f"{site}:{meta.app_label}_{meta.model_name}_change", args=[found.pk])
    except NoReverseMatch:
        return said
    return format_html(
        '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', page, said
    )


def _heading(field: "models.Field[Any, Any]", *, linked: bool) -> Text:
    """The name; in a list, the time zone of its moments, which stand there without it."""
    if linked or not isinstance(field, models.DateTimeField):
        return name_of(field)
    return format_lazy("{} ({})", name_of(field), settings.TIME_ZONE)


def name_of(field: "models.Field[Any, Any]") -> Text:
    """The field's own name, or that of what it leads to, or ours."""
    if isinstance(field.verbose_name, Promise):
        return field.verbose_name
    if field.name not in NAMES and field.related_model is not None:
        return field.related_model._meta.verbose_name or field.name
    return NAMES.get(field.name, field.verbose_name)
