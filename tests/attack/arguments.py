"""What use cases are told, by the names of their parameters: mostly what would be accepted."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from accounts.models import Membership
from exchange.asset_sales.lifecycle import Standing
from exchange.asset_sales.rounds import RoundRequest
from exchange.catalog.lifecycle import OfferKind
from exchange.catalog.listing import Said
from exchange.catalog.models import Product
from exchange.catalog.offers import OfferRequest
from exchange.catalog.reasons import CHECKLISTS, REASONS
from exchange.catalog.royalties import RoyaltyRequest
from exchange.catalog.sharing import ShareRequest
from exchange.members.admission import RULES_VERSION
from exchange.members.lifecycle import Check, DocumentKind
from exchange.members.models import Admission
from exchange.members.roles import Kind
from exchange.negotiation.queries import newest_proposal
from exchange.negotiation.rounds import Spoken
from exchange.negotiation.terms import Terms
from exchange.orders.lifecycle import OrderTransition, PriceGround
from exchange.vault.file_reading import questions_of
from exchange.vault.models import DataFile
from exchange.vault.reading.questions import Answers
from pricing.money import Money
from tests.attack.engine import Attack, NothingThere, UseCase
from tests.attack.town_wares import DETAILS
from tests.factories.asset_sales import a_pdf, an_appraisal

Make = Callable[[Attack, Any], Any]
WORDS = "So it is, and here is why."
POINTS = tuple(point.code for points in CHECKLISTS.values() for point in points)
YUAN = 100


def fresh(attack: Attack, word: str) -> str:
    """A word that was not used before in this run."""
    return f"{word}-{attack.steps}-{attack.random.randrange(10**6)}"


def spoken(attack: Attack, _row: Any = None, *, may_ask: bool = False) -> Spoken:
    price = attack.random.choice((None, 100, 500)) if may_ask else attack.random.randint(1, 900)
    more: dict[str, Any] = {}
    if price and attack.random.random() < 0.3:
        more = {"calls_max": 3, "calls_days": 60}
    return Spoken(Terms(currency="CNY", price_minor=price and price * YUAN, **more))


def said(attack: Attack, case: UseCase) -> Said:
    """One of the kinds of reasons that the step may have."""
    codes = [one.code for one in REASONS if any(case.makes(str(name)) for name in one.transitions)]
    return Said(attack.random.choice(codes or [""]), WORDS, POINTS)


def coded(*codes: str) -> Make:
    """A reason by one of these codes."""
    return lambda attack, _row: Said(attack.random.choice(codes), WORDS, POINTS)


def money(least: int, most: int) -> Make:
    return lambda attack, _row: Money(attack.random.randint(least, most) * YUAN, "CNY")


def a_choice(*of: Any) -> Make:
    return lambda attack, _row: attack.random.choice(of)


def a_file_of(attack: Attack, row: Any) -> str:
    files = DataFile.objects.filter(organisation_id=row.seller_id, state="ready")
    return str(attack.pick(files).public_id)


def _an_answer(attack: Attack, row: DataFile) -> Answers:
    """A reading that is taken already, or another one."""
    asked = [(one, option.value) for one in questions_of(row) for option in one.options]
    if not asked:
        raise NothingThere
    question, value = attack.random.choice(asked)
    return Answers({(question.asked, question.place): value})


def floor(attack: Attack, row: Any) -> RoundRequest:
    newest = row.announcements.order_by("-number").first()
    below = 0 if newest is None else newest.floor_minor // 20
    least = 1_000_000 * YUAN if newest is None else newest.floor_minor - below
    return RoundRequest(floor_minor=least, days=20, deposit_minor=attack.random.choice((0, 5_000)))


def _another_house(attack: Attack, product: Any) -> str:
    """An organisation that takes part and does not sell the product."""
    rows = Admission.objects.filter(standing="active").exclude(organisation=product.seller_id)
    return str(attack.pick(rows).organisation.public_id)


def _an_offer(attack: Attack, product: Any) -> OfferRequest:
    """One more offer, or one in the place of another, at once or some hours later."""
    standing = list(product.offers.filter(state="active", reserved_for=None).order_by("pk"))
    replaces = standing and attack.random.random() < 0.3
    hours = attack.random.choice((0, 0, 1, 6, 30))
    return OfferRequest(
        name=fresh(attack, "offer")[:20], kind=OfferKind.ONE_OFF,
        price=Money(attack.random.randint(1, 300) * YUAN, "CNY"),
        needs_approval=attack.random.random() < 0.2,
        valid_from=attack.now + timedelta(hours=hours) if hours else None,
        supersedes=attack.random.choice(standing).public_id if replaces else "",
    )  # fmt: skip


def _royalties(attack: Attack, product: Any) -> list[RoyaltyRequest]:
    """Sometimes one, to a listed product of somebody else."""
    rows = Product.objects.filter(state="listed").exclude(seller=product.seller_id)
    if attack.random.random() < 0.5 or not rows.exists():
        return []
    percent = Decimal(attack.random.randint(1, 40))
    return [RoyaltyRequest(attack.pick(rows).public_id, percent, 50)]


BY_NAME: Mapping[str, Make] = {
    "reason": lambda _a, _r: WORDS,
    "note": lambda _a, _r: WORDS,
    "words": lambda _a, _r: WORDS,
    "text": lambda _a, _r: WORDS,
    "notify": lambda _a, _r: True,
    "wanted": a_choice(True, False),
    "is_met": a_choice(True, False),
    "checklist": lambda _a, _r: POINTS,
    "bank_ref": lambda attack, _r: fresh(attack, "B"),
    "filing_no": lambda attack, _r: fresh(attack, "F"),
    "seen_hash": lambda _a, row: row.document_hash,
    "answers": lambda _a, row: newest_proposal(row).document_hash,
    "spoken": spoken,
    "minutes": lambda _a, _r: a_pdf("minutes"),
    "proof": lambda _a, _r: a_pdf("proof"),
    "report": lambda _a, _r: a_pdf("report"),
    "checks": lambda _a, _r: list(Check),
    "rules_version": lambda _a, _r: RULES_VERSION,
    "kinds": a_choice((Kind.BUYER,), (Kind.SELLER,)),
    "number": lambda _a, row: row.orders.count() + 1,
    "ground": a_choice(*PriceGround),
    "closes_at": lambda attack, row: row.closes_at + timedelta(hours=attack.random.randint(1, 9)),
    "values": lambda _a, _r: DETAILS,
    "column": a_choice("kwh", "meter", "at"),
    "accepted": lambda _a, row: row.reported,
    "decided": lambda _a, row: row.reported,
    "corrections": lambda _a, _r: (),
    "file_id": a_file_of,
}
OF_CASE: Mapping[str, Mapping[str, Make]] = {
    "asset_sales.bidders.examine": {"standing": a_choice(Standing.QUALIFIED, Standing.QUALIFIED, Standing.REJECTED)},
    "asset_sales.preparing.value": {"command": lambda attack, _r: an_appraisal(at=attack.now)},
    "asset_sales.rounds.announce": {"command": floor},
    "asset_sales.rounds.consent": {"floor_minor": a_choice(50_000_000, 80_000_000)},
    "catalog.offers.add_offer": {"command": _an_offer},
    "catalog.sharing.propose": {
        "percent": lambda _a, _r: Decimal(70), "currency": lambda _a, _r: "CNY",
        "shares": lambda attack, row: [ShareRequest(_another_house(attack, row), Decimal(30), 100)],
        "royalties": _royalties, "by_month": a_choice(False, True),
    },
    "payments.distributions.answer": {"corrections": lambda _a, _r: {}},
    "catalog.products.delist": {"said": coded("no_longer_offered", "replaced")},
    "catalog.review.delist": {"said": coded("no_right", "banned")},
    "catalog.review.suspend": {"said": coded("complaint", "security")},
    "catalog.review.resume": {"said": coded("settled")},
    "catalog.review.reject": {"said": coded("banned", "duplicate")},
    "members.documents.add_document": {
        "kind": a_choice(*DocumentKind), "name": lambda attack, _r: fresh(attack, "paper") + ".pdf",
        "file": lambda _a, _r: BytesIO(b"%PDF-1.7 words"),
    },
    "catalog.file_answers.answer": {"said": _an_answer},
    "vault.uploads.write_piece": {
        "offset": lambda _a, row: row.received_bytes,
        "content": lambda _a, _r: BytesIO(b"0123456789"),
        "size_bytes": lambda _a, _r: 10,
    },
    "disputes.opening.open_dispute": {
        "kind": a_choice("not_as_described", "below_quality"), "remedy": a_choice("refund"),
        "wanted": lambda _a, _r: None, "line": lambda _a, _r: None,
    },
    "disputes.opening.open_claim": {
        "kind": a_choice("misuse"), "remedy": a_choice("end_access"), "wanted": lambda _a, _r: None,
    },
    "disputes.offers.offer": {
        "kind": a_choice("refund", "credit"), "refund": money(1, 120), "days": lambda _a, _r: None,
    },
    "disputes.offers.decline": {"number": lambda _a, row: row.offer_number or 1},
    "disputes.evidence.hand_in": {
        "name": lambda attack, _r: fresh(attack, "paper") + ".pdf",
        "file": lambda attack, _r: BytesIO(b"%PDF-1.7 " + fresh(attack, "words").encode()),
    },
    "payments.card_pages.choose": {"saves": a_choice(True, False)},
    "payments.chargebacks.send_evidence": {"evidence": lambda _a, _r: WORDS},
    "disputes.answers.ask": {"whom": a_choice("claimant", "respondent")},
    "orders.rulings.rule_on": {
        "refund": lambda _a, _r: None,
        "transition": a_choice(OrderTransition.RELEASE, OrderTransition.REFUND),
        "reason_code": a_choice("as_described", "not_as_described"),
        "ends_access": lambda _a, _r: False,
    },
}  # fmt: skip


def told(attack: Attack, case: UseCase, row: Any) -> dict[str, Any]:
    """What the use case is told besides its subject, actor and time."""
    own = OF_CASE.get(case.name, {})
    given = {}
    for name in case.parameters[1:]:
        if name in ("actor", "now"):
            continue
        if name == "said" and name not in own:
            given[name] = said(attack, case)
            continue
        make = own.get(name) or BY_NAME.get(name)
        if make is None:
            raise KeyError(f"{case.name} takes {name!r}: say in arguments.py what that may be.")
        given[name] = make(attack, row)
    return given


def member_of(attack: Attack, organisation_id: int) -> str:
    """A member of the organisation, who may be given a role."""
    rows = Membership.objects.filter(organisation_id=organisation_id or 0)
    if not rows.exists():
        raise NothingThere("member")
    return str(attack.pick(rows).user.public_id)
