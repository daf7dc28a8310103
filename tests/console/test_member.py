"""One page for a member: all that is its, what can be done about it, and the way to it from every table."""

import re
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organisation
from exchange.core.formatting import money_shown
from exchange.members import relations
from exchange.members.models import Proposal
from exchange.members.models.relations import RelationKind, TieKind
from exchange.members.roles import Kind, Role
from exchange.payments import reactions
from pricing.money import Money
from tests.console.conftest import SignedIn
from tests.factories import accounts
from tests.factories import payments as money
from tests.factories.members import NOON, a_role, acting, minutes
from tests.factories.orders import DAY, Market, a_market
from tests.payments.test_sharing import closed

pytestmark = pytest.mark.django_db
QUERIES_MAX = 80


@pytest.fixture
def market() -> Market:
    return a_market()


@pytest.fixture
def desk(market: Market, signed_in: SignedIn, settings: Any) -> Client:
    settings.SECOND_FACTOR_REQUIRED = False
    return signed_in(market.exchange.first)


def address_of(organisation: Organisation) -> str:
    return reverse("console:accounts_organisation_change", args=[organisation.pk])


def page_of(client: Client, organisation: Organisation) -> str:
    answer = client.get(address_of(organisation))
    assert answer.status_code == 200
    return answer.content.decode()


def counts_of(page: str) -> dict[str, int]:
    """How many rows each table of the page says that there are, by where they all stand."""
    found = re.findall(r"<span>([\d,]+)</span>\s*<a [^>]*href=\"([^\"?]+)\?(\w+)=", page)
    return {f"{link}{name}": int(count.replace(",", "")) for count, link, name in found}


def much_of(market: Market, number: int) -> None:
    """So many rows of several kinds for the seller and the buyer."""
    seller, buyer = market.seller, market.buyer
    for position in range(number):
        closed(market, market.order(market.offer(3 + position)))
        other = accounts.an_organisation(name=f"Relative {Organisation.objects.count()}")
        person = accounts.a_member(seller)
        accounts.a_member(other, user=person)
        accounts.an_api_key(seller)
        operator = acting(market.exchange.first, market.exchange.organisation)
        relations.declare(
            actor=operator, organisation_id=seller.public_id, other_id=other.public_id,
            kind=RelationKind.CONTROL, reason="A filing.", now=NOON + minutes(200),
        )  # fmt: skip
        relations.declare_tie(
            actor=operator, user_id=accounts.a_user().public_id, organisation_id=seller.public_id,
            kind=TieKind.OFFICER, reason="A filing.", now=NOON + minutes(200),
        )  # fmt: skip
    money.fund_wallet(market.exchange, buyer, 10)


def test_everything_of_a_member_stands_on_its_page_with_true_counts(
    market: Market, desk: Client
) -> None:
    much_of(market, 7)
    page = page_of(desk, market.seller)
    counts = counts_of(page)
    orders = reverse("console:orders_order_changelist")
    assert counts[f"{orders}member"] == 7
    assert counts[f"{reverse('console:catalog_product_changelist')}member"] == 7
    assert counts[f"{reverse('console:members_relatedparty_changelist')}member"] == 7
    assert counts[f"{reverse('console:accounts_membership_changelist')}shared_with"] == 7
    assert counts[f"{reverse('console:accounts_membership_changelist')}member"] == 8
    assert counts[f"{reverse('console:accounts_apikey_changelist')}member"] == 7
    assert counts[f"{reverse('console:payments_payment_changelist')}member"] == 7
    assert counts[f"{reverse('console:members_admissionstep_changelist')}member"] >= 4
    assert counts[f"{reverse('console:audit_record_changelist')}member"] > 7
    assert len(set(re.findall(rf"{orders}(\d+)/change/", page))) == 5
    for word in ("not yet available", "Active", "History", "The credit code belongs"):
        assert word in page, word
    for key in market.seller.api_keys.all():
        assert key.secret_hash not in page


def test_all_of_them_are_one_click_away_and_nobody_elses(market: Market, desk: Client) -> None:
    much_of(market, 1)
    page = page_of(desk, market.seller)
    links = re.findall(r"href=\"(/console/[^\"?]+\?(?:member|shared_with)=[^\"]+)\"", page)
    assert len(links) > 20
    for link in links:
        assert desk.get(link).status_code == 200, link
    orders = reverse("console:orders_order_changelist")
    shown = desk.get(f"{orders}?member={market.seller.public_id}").content.decode()
    assert re.findall(rf"{orders}(\d+)/change/", shown)
    assert market.seller.name in shown
    for nobody in (market.exchange.organisation.public_id, "org_nobody"):
        none = desk.get(f"{orders}?member={nobody}").content.decode()
        assert re.findall(rf"{orders}(\d+)/change/", none) == []


def test_statements_do_not_grow_with_what_there_is(market: Market, desk: Client) -> None:
    much_of(market, 6)
    asked: list[int] = []
    for _time in range(2):
        with CaptureQueriesContext(connection) as captured:
            page_of(desk, market.seller)
        asked.append(len(captured))
        much_of(market, 6)
    assert asked[0] <= QUERIES_MAX
    assert asked[1] <= asked[0]


def test_acts_stand_on_the_page_and_lead_back_to_it(market: Market, desk: Client) -> None:
    page = page_of(desk, market.seller)
    admission = market.seller.admissions.get()
    suspend = reverse("console:members_admission_propose", args=[admission.pk]) + "?step=suspend"
    restrict = reverse("console:members_admission_restrict", args=[admission.pk])
    assert f'href="{suspend}"' in page
    assert f'href="{restrict}"' in page
    form = desk.get(suspend)
    assert form.context["form"].initial["transition"] == "suspend"
    assert re.search(r'<option value="suspend"\s+selected', form.content.decode())
    answer = desk.post(suspend, {"transition": "suspend", "reason": "A complaint."})
    assert (answer.status_code, answer["Location"]) == (302, address_of(market.seller))
    proposal = Proposal.objects.get(admission=admission, decision="open")
    assert reverse("console:members_proposal_change", args=[proposal.pk]) in page_of(
        desk, market.seller
    )


def test_a_regulator_reads_the_same_without_acts(
    market: Market, desk: Client, signed_in: SignedIn
) -> None:
    bureau = accounts.an_organisation(name="The bureau", kind="public_body")
    market.exchange.admit(bureau, Kind.REGULATOR)
    reader = accounts.a_member(bureau, user=accounts.a_user(name="Reader"))
    a_role(bureau, reader, Role.REGULATOR)
    much_of(market, 1)
    theirs, ours = page_of(signed_in(reader), market.seller), page_of(desk, market.seller)
    assert counts_of(theirs) == counts_of(ours)
    acts = r"/console/members/admission/\d+/(?:propose|restrict)"
    assert re.findall(acts, theirs) == []
    assert re.findall(acts, ours)


def test_a_members_name_leads_to_its_page_from_every_table(market: Market, desk: Client) -> None:
    much_of(market, 1)
    for table in (
        "orders_order", "payments_payment", "members_admission", "catalog_product", "payments_wallet",
        "accounts_membership", "members_relatedparty", "ledger_account", "accounts_apikey",
    ):  # fmt: skip
        shown = desk.get(reverse(f"console:{table}_changelist")).content.decode()
        named = (market.seller, market.buyer)
        assert any(f'href="{address_of(one)}"' in shown for one in named), table
        assert re.search(rf'href="{reverse(f"console:{table}_changelist")}\d+/change/', shown), (
            table
        )
    found = desk.get(reverse("console:find"), {"q": market.buyer.name}).content.decode()
    assert f'href="{address_of(market.seller)}"' in found
    assert f'href="{address_of(market.buyer)}"' in found


def test_what_a_seller_earned_says_why_it_is_not_paid(market: Market, desk: Client) -> None:
    assert "Earned and not paid" not in page_of(desk, market.buyer)
    closed(market, market.order(market.offer(100)))
    reactions.run_due(now=DAY + money.days(30))
    page = page_of(desk, market.seller)
    part = page.partition("Earned and not paid")[2].partition("</table>")[0]
    assert money_shown(Money(money.available(market), "CNY")) in part
    assert "There is no account to pay to." in part


def test_an_organisation_that_never_applied_has_a_page_too(desk: Client) -> None:
    stranger = accounts.an_organisation(name="Stranger")
    assert "It has not applied for admission." in page_of(desk, stranger)
    assert desk.get(reverse("console:accounts_organisation_change", args=[0])).status_code == 302


def test_the_page_speaks_chinese(market: Market, desk: Client) -> None:
    desk.cookies[configured.LANGUAGE_COOKIE_NAME] = "zh-hans"
    page = page_of(desk, market.seller)
    for word in ("余额", "文件"):
        assert word in page
    assert "Documents and checks" not in page
