"""`manage.py publish FILE --as ORG --title …`: the publish wizard's work from the shell."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import Organisation
from exchange.catalog import products
from exchange.catalog.choices import INDUSTRIES, LICENCE_TEMPLATES, RHYTHMS, RIGHTS
from exchange.catalog.lifecycle import Future, Grade, OfferKind, Period, RefundPolicy
from exchange.catalog.models import Product
from exchange.catalog.offers import OfferRequest
from exchange.core import clock, currencies
from exchange.core.inputs import read_amount
from exchange.core.refusals import Refusal
from exchange.journeys import publishing
from exchange.journeys.publishing import Wanted
from pricing.money import Money
from pricing.refusals import PricingRefusal


class Command(BaseCommand):
    help = "Makes a product of a file through the same steps as the publish wizard; prints its address."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="seller", required=True, metavar="ORG", help="id or name")
        parser.add_argument("--by", default="", metavar="EMAIL", help="who acts for it")
        parser.add_argument("--title", required=True)
        parser.add_argument("--title-zh", default="")
        parser.add_argument("--summary", default="")
        parser.add_argument("--summary-zh", default="")
        parser.add_argument("--description", default="")
        parser.add_argument("--scenario", action="append", default=[], metavar="TEXT")
        parser.add_argument("--keyword", action="append", default=[], metavar="WORD")
        parser.add_argument("--industry", default="other", choices=sorted(INDUSTRIES))
        parser.add_argument("--region", default="", help="ISO 3166, or global")
        parser.add_argument("--rhythm", default="once", choices=sorted(RHYTHMS))
        parser.add_argument("--licence", default="internal", choices=sorted(LICENCE_TEMPLATES))
        parser.add_argument("--refund", default="inspection", choices=RefundPolicy.values)
        parser.add_argument("--grade", default="general_1", choices=Grade.values)
        parser.add_argument("--source", default="", help="where the data comes from")
        parser.add_argument("--personal-statement", default="")
        parser.add_argument("--personal", action="append", default=[], metavar="COLUMN")
        parser.add_argument("--not-personal", action="append", default=[], metavar="COLUMN=WHY")
        price = parser.add_mutually_exclusive_group(required=True)
        price.add_argument("--price", help="net, such as 980.00")
        price.add_argument("--free", action="store_true")
        parser.add_argument("--currency", default=currencies.home())
        parser.add_argument("--period", default="", choices=["", *Period.values])
        parser.add_argument("--synthetic", action="store_true", help="mark the data as invented")
        parser.add_argument("--submit", action="store_true", help="hand it to the exchange")
        parser.add_argument(
            "--list", action="store_true", help="submit and pass the review too; not in production"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        if options["list"] and settings.ENVIRONMENT == "production":
            raise CommandError("In production people review listings, in the console.")
        try:
            product = _publish(path, options)
        except (Refusal, PricingRefusal) as refusal:
            raise CommandError(f"{refusal.code}: {refusal}") from None
        self.stdout.write(
            f"{settings.PUBLIC_URL}/products/{product.public_id}/  {product.get_state_display()}"
        )


def _publish(path: Path, options: dict[str, Any]) -> Product:
    now = clock.now()
    actor = publishing.person_who_sells(
        organisation=_organisation(options["seller"]), email=options["by"], at=now
    )
    product = publishing.publish_file(actor=actor, path=path, wanted=_wanted(options), now=now)
    if options["submit"] or options["list"]:
        product = products.submit(product.public_id, actor=actor, now=now)
    return publishing.list_at_once(product=product, now=now) if options["list"] else product


def _organisation(name: str) -> Organisation:
    found = list(Organisation.objects.filter(public_id=name)[:1]) or list(
        Organisation.objects.filter(name=name)[:2]
    )
    if len(found) != 1:
        raise CommandError(f"There is no organisation “{name}”, or several.")
    return found[0]


def _wanted(options: dict[str, Any]) -> Wanted:
    same = (
        "title", "title_zh", "summary", "summary_zh", "description", "industry", "region",
        "rhythm", "grade", "personal_statement",
    )  # fmt: skip
    details = {name: options[name] for name in same}
    details["summary"] = options["summary"] or options["title"]
    template = LICENCE_TEMPLATES[options["licence"]]
    allowed = [code for code in RIGHTS if code in _codes(template["allowed"])]
    details["licence"] = {
        "template": options["licence"],
        "allowed": allowed,
        "forbidden": [code for code in RIGHTS if code not in allowed],
        "attribution": bool(template["attribution"]),
    }
    details["scenarios"], details["keywords"] = options["scenario"], options["keyword"]
    details["refund_policy"], details["source_statement"] = options["refund"], options["source"]
    answers: dict[str, str | None] = dict.fromkeys(options["personal"])
    for said in options["not_personal"]:
        column, _equals, why = said.partition("=")
        answers[column] = why
    return Wanted(
        details=details,
        offers=(_offer(options),),
        answers=answers,
        synthetic=options["synthetic"],
    )


def _offer(options: dict[str, Any]) -> OfferRequest:
    if options["free"]:
        return OfferRequest(
            "Free", OfferKind.FREE, Money(0, options["currency"]), future=Future.ALL
        )
    price = read_amount(options["price"], options["currency"], least_minor=0)
    if options["period"]:
        return OfferRequest(
            "Subscription", OfferKind.SUBSCRIPTION, price, options["period"], future=Future.ALL
        )
    return OfferRequest("One payment", OfferKind.ONE_OFF, price)


def _codes(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, (tuple, list)) else ()
