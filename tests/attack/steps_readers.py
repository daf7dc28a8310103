"""The attacker's steps of those who read, fetch and call: what they are told is judged by the rows."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import reverse

from accounts.models import MembershipRole
from exchange.auctions.models import Auction
from exchange.audit.models import Record
from exchange.audit.sequencer import sequence_batch
from exchange.catalog import flags
from exchange.catalog.lifecycle import Delivery, Grade
from exchange.delivery import entitlements, fetching, links
from exchange.delivery.lifecycle import Form
from exchange.members import actors
from exchange.members.lifecycle import Standing
from exchange.members.models import Admission
from exchange.members.permissions import SCOPES
from exchange.negotiation import deciding, rounds
from exchange.negotiation.queries import newest_proposal
from exchange.orders.lifecycle import PaymentMethod
from tests.attack import visitors
from tests.attack.acting import HOUSES, own, selling
from tests.attack.arguments import WORDS, fresh, spoken
from tests.attack.doors_api import API
from tests.attack.doors_web import WEB
from tests.attack.engine import Attack
from tests.attack.knocking import address_of
from tests.attack.refills import Supply, supplied
from tests.attack.refills_deals import bought, metered_offer
from tests.factories import accounts, listings
from tests.factories.delivery import a_revision
from tests.factories.vault import a_read_file

READ, LOG, COLUMN = "http.read", "http.log", "http.column"
MARK = "ZEBRA"
MARKED = b"meter,kwh\n" + b"".join(b"ZEBRA%d,%d\n" % (row % 5, row) for row in range(50))
READING = [door for door in (*WEB, *API) if door.method == "get"]
AUCTIONS = [door for door in READING if "auction_id" in door.names]
STRANGERS = ("outsider", "newcomer", "suspended", "suspended_key", visitors.ANONYMOUS)
TAKES_PART = (Standing.ACTIVE, Standing.RESTRICTED)


class Told(AssertionError):
    """Somebody was told what they may not know, or may keep what is private."""


@own(READ)
def read(attack: Attack) -> None:
    """Anybody reads anything that somebody may read; strangers read auctions more often."""
    if not attack.clients:
        attack.clients = visitors.clients_of(attack.town)
        return
    if attack.random.random() < 0.5:
        door, who = attack.random.choice(AUCTIONS), attack.random.choice(STRANGERS)
    else:
        door = attack.random.choice(READING)
        who = attack.random.choice((door.owner, *sorted(attack.clients)))
    cache.clear()
    client = attack.clients[who]
    answer: Any = client.get(address_of(attack.town, door), headers={"Accept": "*/*"})
    if answer.streaming:
        b"".join(cast("Iterator[bytes]", answer.streaming_content))
    if who != visitors.ANONYMOUS and "no-store" not in answer.headers.get("Cache-Control", ""):
        raise Told(f"a private answer may be kept: {door.label} by {who}")
    if door in AUCTIONS and answer.status_code == 200:
        _check_reader(attack, door.names["auction_id"], who)


def _check_reader(attack: Attack, thing: str, who: str) -> None:
    """Auctions are read by their parties, and by members who take part."""
    auction = Auction.objects.get(public_id=attack.town.things[thing])
    person = attack.town.people.get(visitors.KEYS.get(who, who))
    house = None if person is None else person.organisation
    parties = {auction.organiser_id, *auction.bidders.values_list("organisation_id", flat=True)}
    if house is not None and house.pk in parties:
        return
    newest = Admission.objects.filter(organisation=house).order_by("-pk").first()
    if house is None or newest is None or newest.standing not in TAKES_PART:
        raise Told(f"an auction is read by who does not take part: {thing} by {who}")


@own(LOG)
def read_log(attack: Attack) -> None:
    """Everybody reads the public log, which tells neither event nor record nor moment."""
    sequence_batch(attack.now)
    cache.clear()
    page, entries = Client().get("/log/"), Client().get("/log/entries")
    newest = Record.objects.order_by("-pk")[:40]
    words = {word for record in newest for word in (record.event, record.public_id)}
    texts = [answer.content.decode() for answer in (page, entries)]
    if told := sorted(word for word in words if any(word in text for text in texts)):
        raise Told(f"the public log tells the event: {told[0]}")
    if any(datetime.fromisoformat(one["at"]).microsecond for one in entries.json()["items"]):
        raise Told("the public log tells the moment")


@own(COLUMN)
def read_column(attack: Attack) -> None:
    """A seller holds a column back in which nothing personal was found: nobody is told a value of it."""
    house = attack.town.house("seller")
    product = listings.a_listing(
        seller=house, delivery=Delivery.FILE, grade=Grade.GENERAL_1, title=fresh(attack, "Marked")
    )
    file = a_read_file(house, content=MARKED + b"ZEBRA9,%d\n" % attack.random.randrange(10**9))
    a_revision(product, file)
    actor = selling(attack, house.pk)
    flags.flag_own_column(
        product.public_id, column="meter", reason=WORDS, actor=actor, now=attack.now
    )
    cache.clear()
    sample = reverse("web:product_sample", args=[product.public_id, file.tables.get().public_id])
    for address in (
        reverse("web:product", args=[product.public_id]),
        reverse("api:product", args=[product.public_id]),
        sample,
    ):
        answer: Any = Client().get(address)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if MARK in content.decode(errors="replace"):
            raise Told("a value of a column that is held back is shown")


@own("accounts.api_keys.create_key")
def make_key_without_factor(attack: Attack) -> None:
    """An owner who signed in with a password alone makes a key."""
    house = attack.town.house(attack.random.choice(HOUSES))
    careless = accounts.a_member(house, role=MembershipRole.OWNER)
    client = Client()
    client.force_login(careless, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("web:api_key_create", args=[house.public_id])
    said = {"name": fresh(attack, "key"), "scopes": ["orders:read"], "valid_days": "30"}
    with override_settings(SECOND_FACTOR_REQUIRED=True):
        client.post(address, {"confirmed": "1", **said})
    house.memberships.filter(user=careless).delete()


@own("negotiation.deciding.hold")
def accept_by_key(attack: Attack) -> None:
    """A program of the buyer accepts what a seller offers it alone."""
    buyer, seller = attack.town.house("buyer"), attack.town.house("seller")
    product = listings.a_listing(seller=seller, price_minor=None, title=fresh(attack, "Asked"))
    made = rounds.offer_privately(
        actor=selling(attack, seller.pk), product_id=product.public_id,
        buyer_id=buyer.public_id, spoken=spoken(attack), now=attack.now,
    )  # fmt: skip
    key = accounts.an_api_key(buyer, scopes=tuple(SCOPES), at=attack.now).key
    actor = actors.actor_from_key(
        key_id=key.public_id, maker_id=key.created_by_id, organisation_id=buyer.pk,
        scopes=frozenset(SCOPES), at=attack.now,
    )  # fmt: skip
    answers = newest_proposal(made).document_hash
    deciding.accept(made.public_id, actor=actor, answers=answers, now=attack.now)


@own("delivery.fetching._bill")
def fetch_in_pieces(attack: Attack) -> None:
    """A file that is paid by use is fetched whole, byte by byte, and not at all."""
    supply = Supply(attack, supplied(attack))
    order = bought(supply, metered_offer(supply).product, method=PaymentMethod.NONE)
    right = entitlements.entitlement_of_order(order)
    assert right is not None
    table = order.product.revisions.get().tables.get().table
    link = fetching.make_link(
        right.public_id, table=table.public_id, form=Form.CSV, spend_max_minor=None,
        **supply.doing("agent"),
    )  # fmt: skip
    address, etag = reverse("web:download", args=[links.sign(link)]), table.file.blob.sha256
    for headers in (
        {}, {"Range": "bytes=0-0"}, {"Range": "bytes=1-1"}, {"If-None-Match": f'"{etag}"'},
        {"Range": "bytes=99999999-"}, {},
    ):  # fmt: skip
        answer: Any = Client().get(address, headers=headers)
        if answer.streaming:
            b"".join(cast("Iterator[bytes]", answer.streaming_content))
