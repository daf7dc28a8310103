"""A small founded exchange and one visitor for each role, for the access matrix."""

import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from io import BytesIO

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Invitation, Organisation, User
from accounts.organisations import Profile
from accounts.sign_in import SESSION_KEY
from exchange.audit.sequencer import sequence_batch
from exchange.catalog.models import ColumnFlag, Sharing, SharingParty
from exchange.core import outbox
from exchange.delivery.entitlements import entitlement_of_order
from exchange.disputes import evidence, opening
from exchange.journeys import checkout
from exchange.members import deactivation, identity, proposals
from exchange.members.lifecycle import AdmissionTransition
from exchange.members.roles import Kind, Role
from exchange.payments.distribution_lifecycle import DistributionState
from exchange.payments.models import Distribution, Payment
from tests.factories import accounts, listings
from tests.factories.ledger import wallet
from tests.factories.members import (
    NOON,
    Exchange,
    a_role,
    acting,
    an_application,
    an_exchange,
    minutes,
)
from tests.factories.orders import DAY, a_command, pay
from tests.factories.sharing import a_distribution
from tests.factories.vault import a_file

READING = (
    "organisation:read",
    "members:read",
    "catalog:read",
    "ledger:read",
    "log:read",
    "orders:read",
    "payments:read",
    "vault:read",
    "delivery:read",
    "usage:read",
)


class Visitor(StrEnum):
    """Who knocks."""

    ANONYMOUS = "anonymous"
    NEWCOMER = "newcomer"  # signed in, in no organisation
    BUYER = "buyer"  # buyer's agent of an active buyer
    SELLER = "seller"  # owner of an active seller
    FINANCE = "finance"  # finance of the same seller
    OPERATOR = "operator"
    SECOND_OPERATOR = "second_operator"
    REGULATOR = "regulator"
    SUSPENDED = "suspended"  # owner of a suspended seller
    OUTSIDER = "outsider"  # owner of an organisation that never applied
    KEY_WITH_SCOPE = "key_with_scope"  # the seller's key, every reading scope
    KEY_WITHOUT_SCOPE = "key_without_scope"  # the seller's key, a scope that opens nothing here


@dataclass
class World:
    """The visitors' clients, and the things that addresses may name."""

    clients: dict[Visitor, Client] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def row(self, label: str) -> str:
        """The key of some row of the table `app.model`; "0" where there is none."""
        found = apps.get_model(label)._default_manager.order_by("pk").first()
        return "0" if found is None else str(found.pk)


def build() -> World:
    """Everything below, in the transaction of the caller."""
    exchange = an_exchange()
    world = World()
    seller = _admitted(exchange, "Seller", Kind.SELLER)
    suspended = _admitted(exchange, "Suspended", Kind.SELLER)
    exchange.suspend(suspended.admissions.get())
    people = {
        Visitor.NEWCOMER: (accounts.a_user(), None),
        Visitor.BUYER: _worker(exchange, "Buyer", Kind.BUYER, Role.BUYER_AGENT),
        Visitor.SELLER: (accounts.owner_of(seller), seller),
        Visitor.FINANCE: (_with_role(seller, Role.FINANCE), seller),
        Visitor.OPERATOR: (exchange.first, exchange.organisation),
        Visitor.SECOND_OPERATOR: (exchange.second, exchange.organisation),
        Visitor.REGULATOR: _worker(exchange, "Regulator", Kind.REGULATOR, Role.REGULATOR),
        Visitor.SUSPENDED: (accounts.owner_of(suspended), suspended),
        Visitor.OUTSIDER: _owner(accounts.an_organisation(name="Outsider")),
    }
    staff = {Visitor.OPERATOR, Visitor.SECOND_OPERATOR, Visitor.REGULATOR}
    strong = {*staff, Visitor.FINANCE}
    world.clients[Visitor.ANONYMOUS] = Client()
    for visitor, (user, organisation) in people.items():
        if visitor in staff:
            get_user_model().objects.filter(pk=user.pk).update(is_staff=True)
        world.clients[visitor] = _signed_in(user, organisation, strong=visitor in strong)
    for visitor, scopes in (
        (Visitor.KEY_WITH_SCOPE, READING),
        (Visitor.KEY_WITHOUT_SCOPE, ("nothing:here",)),
    ):
        key = accounts.an_api_key(seller, scopes=scopes, at=timezone.now())
        world.clients[visitor] = Client(headers={"Authorization": f"Bearer {key.secret}"})
    world.names = _names(exchange, seller)
    _take_out_of_use(exchange)
    world.names |= _trade(*_worker_of(people[Visitor.BUYER]), seller)
    return world


def _take_out_of_use(exchange: Exchange) -> None:
    """Somebody of a house that nobody here belongs to."""
    stranger = accounts.a_member(accounts.an_organisation(name="Elsewhere"))
    deactivation.deactivate(
        stranger.public_id, actor=exchange.proposer, reason="The person left.", now=DAY
    )


def _worker_of(person: tuple[User, Organisation | None]) -> tuple[User, Organisation]:
    user, organisation = person
    if organisation is None:
        raise TypeError("This visitor acts for an organisation.")
    return user, organisation


def _trade(agent: User, buyer: Organisation, seller: Organisation) -> dict[str, str]:
    """An offer of the seller, and an order for it that the buyer inspects."""
    offer = listings.a_listing(seller=seller, price_minor=10_000).offers.get()
    actor = acting(agent, buyer)
    command = a_command(actor, offer)
    order = checkout.checkout(command, actor=actor, now=DAY)
    pay(order)
    right = entitlement_of_order(order)
    assert right is not None
    ColumnFlag.objects.create(product=offer.product, column="bar", party="seller", reason="Names")
    with transaction.atomic():
        sharing = Sharing.objects.create(
            product=offer.product, number=1, currency="CNY", proposed_at=DAY,
            proposed_by=accounts.owner_of(seller),
        )  # fmt: skip
        SharingParty.objects.create(
            sharing=sharing, position=0, organisation=seller, percent=100, currency="CNY"
        )
    distribution = a_distribution(offer.product, {seller: 100}, first_day=date(2026, 2, 1))
    Distribution.objects.update(state=DistributionState.OBJECTED)
    again = checkout.checkout(a_command(actor, offer), actor=actor, now=DAY)
    pay(again)
    dispute = opening.open_dispute(
        again.public_id, kind="below_quality", reason="Gaps.", actor=actor, now=DAY
    )
    evidence_file = evidence.hand_in(
        dispute.public_id, actor=actor, name="gaps.txt", file=BytesIO(b"Gaps."), now=DAY
    )
    return {
        "dispute_id": dispute.public_id,
        "offer_number": "7",
        "dispute_file_id": evidence_file.public_id,
        "offer_id": offer.public_id,
        "product_id": offer.product.public_id,
        "sharing_id": sharing.public_id,
        "distribution_id": distribution.public_id,
        "order_id": order.public_id,
        "document_kind": "order",
        "document_form": "html",
        "no_document": "TC2026-999999",
        "payment_id": Payment.objects.get(order=order).public_id,
        "entitlement_id": right.public_id,
    }


def _admitted(exchange: Exchange, name: str, *kinds: Kind) -> Organisation:
    organisation = accounts.an_organisation(name=name)
    exchange.admit(organisation, *kinds)
    return organisation


def _worker(exchange: Exchange, name: str, kind: Kind, role: Role) -> tuple[User, Organisation]:
    organisation = _admitted(exchange, name, kind)
    return _with_role(organisation, role), organisation


def _with_role(organisation: Organisation, role: Role) -> User:
    person = accounts.a_member(organisation)
    a_role(organisation, person, role)
    return person


def _owner(organisation: Organisation) -> tuple[User, Organisation]:
    return accounts.owner_of(organisation), organisation


def _signed_in(user: User, organisation: Organisation | None, *, strong: bool) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    if organisation is not None:
        session[SESSION_KEY] = organisation.public_id
    if strong:
        TOTP.activate(user, "JBSWY3DPEHPK3PXP")
        factor = Authenticator.objects.get(user=user)
        session["account_authentication_methods"] = [
            {"method": "mfa", "at": time.time(), "id": factor.pk, "type": "totp"}
        ]
        session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client


def _names(exchange: Exchange, seller: Organisation) -> dict[str, str]:
    """What stands in addresses: things of the seller, unless said otherwise."""
    applicant = accounts.an_organisation(name="Applicant")
    applied = an_application(applicant, Kind.BUYER)
    proposal = proposals.propose(
        seller.admissions.get().public_id,
        transition=AdmissionTransition.SUSPEND,
        actor=exchange.proposer,
        reason="To be decided.",
        now=NOON + minutes(30),
    )
    asked = identity.ask(
        profile=Profile(name="Another name", kind="private", credit_code=seller.credit_code or ""),
        reason="The register says so.",
        actor=acting(accounts.owner_of(seller), seller),
        now=NOON + minutes(30),
    )
    outbox.emit(topic="test.matrix", key="1", payload={})
    sequence_batch(datetime.now(UTC))
    now = timezone.now()
    invitation = Invitation.objects.create(
        organisation=seller,
        email="guest@example.com",
        role="member",
        token_hash="0" * 64,
        invited_by="user:usr_matrix",
        created_at=now,
        expires_at=now + minutes(60),
    )
    finance = seller.role_grants.get()
    document = seller.admissions.get().documents.order_by("pk")[0]
    return {
        "organisation_id": seller.public_id,
        "document_id": document.public_id,
        "file_id": a_file(seller).public_id,
        "grant_id": finance.public_id,
        "role_id": finance.public_id,
        "invitation_id": invitation.public_id,
        "account_id": wallet("wallet:seller", owner=seller).public_id,
        "key_id": accounts.an_api_key(seller, at=now).key.public_id,
        "index": "0",
        "applied": str(applied.pk),
        "active": str(seller.admissions.get().pk),
        "proposal": str(proposal.pk),
        "identity": str(asked.pk),
    }
