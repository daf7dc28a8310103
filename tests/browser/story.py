"""A small exchange that has lived a little: what readers in the browser tests and pictures find."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle

from django.db import transaction
from django.urls import reverse

from accounts.models import Organisation, User
from exchange.audit import sequencer
from exchange.ledger import books
from exchange.ledger.entries import EntryRequest, Posting
from exchange.ledger.models import Account
from exchange.ledger.models.accounts import AccountKind, Guard
from exchange.members.roles import Kind
from pricing.money import Money
from tests.browser import shop as shops
from tests.browser.shop import Shop
from tests.factories import accounts, audit, members

RECORD_COUNT = 45
MORNING = datetime(2026, 11, 20, 1, 12, 4, tzinfo=UTC)
EVENTS = [
    ("accounts.organisation.created", "organisation"),
    ("members.admission.applied", "admission"),
    ("members.admission.verified", "admission"),
    ("ledger.posting.made", "posting"),
    ("members.role.granted", "role"),
]
SALES = (128_000_00, 45_650_00, 9_999_99, 300_000_00, 1_250_50, 76_000_00)


@dataclass(frozen=True)
class Story:
    person: User
    organisation: Organisation
    account: Account
    shop: Shop

    @property
    def readers(self) -> list[tuple[User | None, dict[str, str]]]:
        """Everybody with the pages that they read, by name; nobody is the visitor."""
        return [
            (None, {**public_pages(), **shops.public_pages(self.shop)}),
            (self.person, {**personal_pages(self), **shops.seller_pages(self.shop)}),
            (self.shop.buyer, shops.buyer_pages(self.shop)),
        ]


def tell() -> Story:
    """Make the people, an admitted organisation with money and products, and the records."""
    exchange = members.an_exchange()
    person = accounts.a_user("li.wei@sun-river.example", name="李薇 Li Wei")
    organisation = accounts.an_organisation(owner=person, name="晴川数据 Sun River Data")
    exchange.admit(organisation, Kind.SELLER)
    account = _sell(organisation)
    shop = shops.open_shop(exchange, organisation)
    _fill_the_log()
    return Story(person=person, organisation=organisation, account=account, shop=shop)


@transaction.atomic
def _sell(organisation: Organisation) -> Account:
    terms = {"currency": "CNY", "actor": "system:clearing", "now": MORNING}
    books.open_account(code="bank:cny", kind=AccountKind.ASSET, guard=Guard.NONE, **terms)  # type: ignore[arg-type]
    books.open_account(code="fees:cny", kind=AccountKind.INCOME, guard=Guard.NONE, **terms)  # type: ignore[arg-type]
    account = books.open_account(
        code="seller:sun-river:cny",
        kind=AccountKind.LIABILITY,
        guard=Guard.CREDIT,
        owner=organisation,
        **terms,  # type: ignore[arg-type]
    )
    for number, minor in enumerate(SALES, start=1):
        sale, fee = Money(minor, "CNY"), Money(minor // 50, "CNY")
        books.write(
            [
                Posting(
                    scope="payments",
                    key=f"trade-{number}",
                    kind="payments.trade",
                    transfers=[
                        EntryRequest(
                            debit="bank:cny", credit=account.code, amount=sale, kind="sale"
                        ),
                        EntryRequest(
                            debit=account.code, credit="fees:cny", amount=fee, kind="exchange fee"
                        ),
                    ],
                    subject=f"trade:trd_{number:04d}",
                )
            ],
            actor="system:clearing",
            now=MORNING + timedelta(hours=number, minutes=7 * number),
        )[0]
    account.refresh_from_db()
    return account


def _fill_the_log() -> None:
    at = MORNING
    for number, (event, thing) in zip(range(RECORD_COUNT), cycle(EVENTS), strict=False):
        at = MORNING + timedelta(minutes=17 * number, seconds=7 * number)
        audit.record(number, event=event, subject=f"{thing}:{number}", at=at)
    sequencer.sequence_batch(at + timedelta(milliseconds=340))


def public_pages() -> dict[str, str]:
    """Name to address of what anybody may read."""
    return {
        "home": reverse("web:home"),
        "help": reverse("web:help"),
        "problems": reverse("web:problems"),
        "problem": reverse("web:problem", args=["key_reused"]),
        "log": reverse("web:log"),
        "log_entry": reverse("web:log_entry", args=[20]),
        "log_verify": reverse("web:log_verify"),
        "sign_in": reverse("account_login"),
        "sign_up": reverse("account_signup"),
        "reset_password": reverse("account_reset_password"),
        "nothing": "/nothing-here",
        "refused": "/log/?before=yesterday",
    }


def personal_pages(told: Story) -> dict[str, str]:
    """Name to address of what the story's person reads."""
    organisation = [told.organisation.public_id]
    return {
        "books": reverse("web:books"),
        "statement": reverse("web:statement", args=[told.account.public_id]),
        "organisations": reverse("web:organisations"),
        "organisation": reverse("web:organisation", args=organisation),
        "organisation_create": reverse("web:organisation_create"),
        "api_keys": reverse("web:api_keys", args=organisation),
        "api_key_create": reverse("web:api_key_create", args=organisation),
        "admission": reverse("web:admission"),
        "team": reverse("web:team"),
        "profile": reverse("web:profile"),
        "email": reverse("account_email"),
        "change_password": reverse("account_change_password"),
        "second_factor": reverse("mfa_index"),
        "sign_out": reverse("account_logout"),
        "reauthenticate": reverse("account_reauthenticate"),
    }
