"""Where an organisation receives invoices, and its number for value-added tax: what invoices must name of both
sides (EN 16931, BT-31 to BT-55). Each document keeps what was said when it was issued."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from http import HTTPStatus

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import changes
from accounts.authority import lock_to_manage
from accounts.credit_codes import read_credit_code
from accounts.lines import one_line
from accounts.models import CITY_CHARS_MAX, POSTCODE_CHARS_MAX, STREET_CHARS_MAX, Organisation
from accounts.refusals import AccountRefusal

HOME = "CN"
# How numbers for value-added tax look in the European Union, without their country (VIES).
EUROPE: Mapping[str, tuple[str, str]] = {
    "AT": ("AT", r"U\d{8}"), "BE": ("BE", r"[01]\d{9}"), "BG": ("BG", r"\d{9,10}"),
    "CY": ("CY", r"\d{8}[A-Z]"), "CZ": ("CZ", r"\d{8,10}"), "DE": ("DE", r"\d{9}"),
    "DK": ("DK", r"\d{8}"), "EE": ("EE", r"\d{9}"), "ES": ("ES", r"[A-Z0-9]\d{7}[A-Z0-9]"),
    "FI": ("FI", r"\d{8}"), "FR": ("FR", r"[A-Z0-9]{2}\d{9}"), "GR": ("EL", r"\d{9}"),
    "HR": ("HR", r"\d{11}"), "HU": ("HU", r"\d{8}"), "IE": ("IE", r"\d[A-Z0-9+*]\d{5}[A-Z]{1,2}"),
    "IT": ("IT", r"\d{11}"), "LT": ("LT", r"\d{9}|\d{12}"), "LU": ("LU", r"\d{8}"),
    "LV": ("LV", r"\d{11}"), "MT": ("MT", r"\d{8}"), "NL": ("NL", r"\d{9}B\d{2}"),
    "PL": ("PL", r"\d{10}"), "PT": ("PT", r"\d{9}"), "RO": ("RO", r"\d{2,10}"),
    "SE": ("SE", r"\d{12}"), "SI": ("SI", r"\d{8}"), "SK": ("SK", r"\d{10}"),
}  # fmt: skip
ELSEWHERE = r"[A-Z0-9]{4,20}"
_BLANKS = re.compile(r"[\s./-]")
_CHARS = {"street": STREET_CHARS_MAX, "postcode": POSTCODE_CHARS_MAX, "city": CITY_CHARS_MAX}


class BadTaxId(AccountRefusal):
    """The number for value-added tax does not look as those of the organisation's country do."""

    code = "bad_tax_id"
    http_status = HTTPStatus.UNPROCESSABLE_ENTITY


class BillingTooLong(AccountRefusal):
    """A line of the billing address is longer than an invoice has room for."""

    code = "billing_too_long"
    http_status = HTTPStatus.UNPROCESSABLE_ENTITY


class AddressIncomplete(AccountRefusal):
    """An address has a street and a city, or is not given at all."""

    code = "billing_address_incomplete"
    http_status = HTTPStatus.UNPROCESSABLE_ENTITY


@dataclass(frozen=True)
class Billing:
    """Street and number, postcode, city, and the number for value-added tax; each empty where it is not given."""

    street: str = ""
    postcode: str = ""
    city: str = ""
    tax_id: str = ""


def of(organisation: Organisation) -> Billing:
    """What an organisation has said."""
    return Billing(**{one.name: getattr(organisation, one.name) for one in fields(Billing)})


def shown_on_documents(organisation: Organisation) -> dict[str, str]:
    """What documents say of it beside its name: what was given, with the country of an address."""
    said = {name: value for name, value in vars(of(organisation)).items() if value}
    if "street" in said:
        said["country"] = organisation.country
    return said


@transaction.atomic
def change(*, organisation_id: int, billing: Billing, actor: str, now: datetime) -> Organisation:
    """Say where invoices go from now on, as an owner or administrator. Nothing changed, nothing told.

    Raises NotAMember, NotAManager, NotOneLine, BillingTooLong, AddressIncomplete, BadTaxId and BadCreditCode.
    """
    organisation, _role = lock_to_manage(organisation_id=organisation_id, actor=actor)
    said = {name: _line(name, getattr(billing, name)) for name in _CHARS}
    if any(said.values()) and not (said["street"] and said["city"]):
        raise AddressIncomplete(
            _("An address has a street and a city."), field="city" if said["street"] else "street"
        )
    said["tax_id"] = read_tax_id(billing.tax_id, country=organisation.country)
    changed = [name for name, value in said.items() if getattr(organisation, name) != value]
    for name in changed:
        setattr(organisation, name, said[name])
    if changed:
        organisation.save(update_fields=changed)
        changes.announce(
            "accounts.organisation.billing_changed",
            actor=actor,
            of=organisation,
            facts={"fields": sorted(changed)},
            personal={name: said[name] for name in changed if said[name]} or None,
            at=now,
        )
    return organisation


def read_tax_id(text: str, *, country: str) -> str:
    """The number in capitals and without blanks; in the European Union with its country in front. Raises BadTaxId,
    and in China, where it is the credit code, BadCreditCode."""
    number = _BLANKS.sub("", one_line(text, field="tax_id")).upper()
    if not number:
        return ""
    if country == HOME:
        return read_credit_code(number, field="tax_id")
    prefix, pattern = EUROPE.get(country, ("", ELSEWHERE))
    number = number.removeprefix(prefix)
    if not re.fullmatch(pattern, number, re.ASCII):
        raise BadTaxId(
            _("Numbers for value-added tax do not look like this in the organisation's country."),
            field="tax_id",
            country=country,
        )
    return prefix + number


def _line(name: str, text: str) -> str:
    line = " ".join(one_line(text, field=name).split())
    if len(line) > _CHARS[name]:
        raise BillingTooLong(
            _("Write at most %(most)d characters.") % {"most": _CHARS[name]},
            field=name,
            chars_max=_CHARS[name],
        )
    return line
