"""The publish wizard's work in one journey: a file becomes a draft, and if wanted a listing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from exchange.catalog import products, review, revisions
from exchange.catalog.dictionary import Correction, TableCorrection, correct_dictionary
from exchange.catalog.errors import FileNotReady
from exchange.catalog.facts import draft_revision, tables_of
from exchange.catalog.lifecycle import ListingState, ProductKind
from exchange.catalog.listing import Said
from exchange.catalog.models import Product
from exchange.catalog.offers import OfferRequest, add_offer
from exchange.catalog.reasons import CHECKLISTS
from exchange.core.refusals import NotAllowed
from exchange.members import actors
from exchange.members.actors import Actor
from exchange.members.models import RoleGrant
from exchange.members.roles import Role
from exchange.vault import file_reading, files
from exchange.vault.lifecycle import FileState
from exchange.vault.models import DataFile

OPERATORS_NEEDED = 2


@dataclass(frozen=True)
class Wanted:
    """What is said of the product beside what the file tells of itself. `answers` say of columns
    with findings why they are not personal; None: they are.
    """

    details: Mapping[str, object]
    offers: tuple[OfferRequest, ...]
    answers: Mapping[str, str | None] = field(default_factory=dict)
    synthetic: bool = False


def publish_file(*, actor: Actor, path: Path, wanted: Wanted, now: datetime) -> Product:
    """Keep and read the file, and draft a product of it with its offers.

    Reading may take minutes and is done outside of a transaction. Raises FileNotReady, with the
    reading's sentence, for a file that cannot be read: no product is left behind then.
    """
    file = keep_and_read(actor=actor, path=path, synthetic=wanted.synthetic, now=now)
    product = products.draft_product(
        actor=actor,
        kind=ProductKind.DATASET,
        values=wanted.details,
        synthetic=wanted.synthetic,
        now=now,
    )
    revisions.attach_file(product.public_id, actor=actor, file_id=file.public_id, now=now)
    answer_findings(actor=actor, product=product, answers=wanted.answers, now=now)
    for command in wanted.offers:
        add_offer(product.public_id, actor=actor, command=command, now=now)
    product.refresh_from_db()
    return product


def keep_and_read(*, actor: Actor, path: Path, synthetic: bool, now: datetime) -> DataFile:
    """The file in the vault with its tables. What was read before is not read again."""
    with path.open("rb") as content:
        file = files.keep(
            actor=actor, name=path.name, content=content, now=now, synthetic=synthetic
        ).file
    if file.state not in {FileState.READY, FileState.REFUSED}:
        file = file_reading.read_now(file.pk, now=now)
    if file.state == FileState.REFUSED:
        raise FileNotReady(file.refusal_text, file=file.public_id, refusal=file.refusal_code)
    return file


def answer_findings(
    *, actor: Actor, product: Product, answers: Mapping[str, str | None], now: datetime
) -> None:
    """Confirm or explain findings of personal data by the names of their columns."""
    corrections = tuple(
        TableCorrection(
            position=row.position,
            columns=tuple(
                Correction(
                    column=str(column["name"]),
                    personal=answers[column["name"]] is None,
                    why=answers[column["name"]] or "",
                )
                for column in row.document["columns"]
                if column["name"] in answers
            ),
        )
        for row in tables_of(draft_revision(product))
    )
    if answers:
        correct_dictionary(product.public_id, actor=actor, corrections=corrections, now=now)


def list_at_once(*, product: Product, now: datetime) -> Product:
    """The whole review by operators of the exchange, for demonstrations; each step is recorded.

    A sensitive grade takes the first two operators. Raises what the review raises.
    """
    points = tuple(point.code for stage in CHECKLISTS.values() for point in stage)
    first, second = operators(at=now)
    listed = review.pass_whole_review(product.public_id, actor=first, checklist=points, now=now)
    if listed.state == ListingState.PRICE_REVIEW:
        said = Said(checklist=points)
        listed = review.approve(product.public_id, actor=second, said=said, now=now)
    return listed


def operators(*, at: datetime) -> tuple[Actor, Actor]:
    """Two operators of the exchange."""
    grants = _grants().filter(role=Role.OPERATOR).order_by("id")[:OPERATORS_NEEDED]
    acting = [_acting(grant.user, grant.organisation_id, at) for grant in grants]
    if len(acting) < OPERATORS_NEEDED:
        raise NotAllowed(_("The exchange has no two operators."))
    return acting[0], acting[1]


def person_who_sells(*, organisation: Organisation, email: str, at: datetime) -> Actor:
    """A person of the organisation who may offer its data: the named one, or the first."""
    grants = _grants().filter(
        organisation=organisation, role__in=[Role.DATA_OWNER, Role.DATA_OPERATOR]
    )
    if email:
        grants = grants.filter(user__email__iexact=email)
    grant = grants.order_by("id").first()
    if grant is None:
        raise NotAllowed(
            _("Nobody of this organisation has the role of data owner or data operator."),
            organisation=organisation.public_id,
        )
    return _acting(grant.user, organisation.pk, at)


def _grants() -> QuerySet[RoleGrant]:
    return actors.grants_of_members().filter(valid_until=None).select_related("user")


def _acting(user: User, organisation_id: int, at: datetime) -> Actor:
    return actors.actor_from(user=user, organisation_id=organisation_id, second_factor=True, at=at)
