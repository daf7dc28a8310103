"""Conflicts are judged by person: whatever a person belongs to counts, whichever they act for."""

import pytest
from django.utils import timezone

from accounts import invitations, organisations
from accounts.models import MembershipRole, Organisation, User
from accounts.organisations import Profile
from accounts.refusals import MayNotJoin
from accounts.sealing import invitation_token
from exchange.catalog import review
from exchange.core.refusals import NotAllowed, Refusal
from exchange.disputes import opening
from exchange.journeys import acceptance, disputes, fairness
from exchange.members import actors, conflicts, policy, relations, team
from exchange.members.actors import Subject
from exchange.members.approvals import ProposerLeft
from exchange.members.models import RelationKind, RoleGrant, TieKind
from exchange.members.permissions import PERMISSION_RULES, Permission
from exchange.members.roles import Role
from exchange.orders import reviews, rulings
from exchange.orders.lifecycle import OrderState, OrderTransition
from exchange.orders.models import Review
from tests.attack import engine
from tests.factories import accounts, members, sharing
from tests.factories.catalog import BECAUSE
from tests.factories.members import NOON, acting, minutes
from tests.factories.orders import DAY, Market, a_market, pay

pytestmark = pytest.mark.django_db
# Acts of the exchange that say of nobody whom they concern when they begin, and why.
ASKED_ELSEWHERE = {
    "members.relations.declare": "it bars people and frees nobody; who is tied declares it too",
    "members.relations.declare_tie": "it bars people and frees nobody; who is tied declares it too",
    "members.relations.end": "asks again of the relation that it has locked",
    "members.relations.end_tie": "asks again of the tie that it has locked",
    **dict.fromkeys(
        (
            "members.rule_packs.amend_rule",
            "members.rule_packs.correct_calendar_year",
            "members.rule_packs.publish_calendar_year",
            "members.rule_packs.take_back",
        ),
        "a rule concerns all members alike",
    ),
    "notices.banners.show": "an announcement concerns all members alike",
    "notices.banners.withdraw": "an announcement concerns all members alike",
    **dict.fromkeys(
        (
            "payments.bank.enter",
            "payments.bank.match",
            "payments.bank.send_back",
            "payments.bank_days.close",
            "payments.bank_out.hold_against_books",
            "payments.refunds.note_sent_by_bank",
            "payments.refunds.retry",
        ),
        "done only by approving, which asks of the parties that the act declares",
    ),
    **dict.fromkeys(
        ("payments.closing.close_month", "payments.closing.reopen_month"),
        "a month of the books concerns all members alike",
    ),
    "payments.statements.make_month": "it says again what the books say, and nothing else",
    "payments.payout_files.make": "what is made is approved by a second person, asked of each seller in it",
    "payments.reconciliation.run_soon": "has the clock look sooner, and moves nothing",
    "payments.top_up.top_up": "the exchange's own money",
}
LATER = DAY + minutes(30)


@pytest.fixture
def market() -> Market:
    return a_market()


def invited(organisation: Organisation, user: User) -> str:
    """The token of an invitation, which says nothing of where its owner works."""
    invitation = invitations.invite(
        organisation_id=organisation.pk, email=user.email, role=MembershipRole.OWNER, language="en",
        actor="system:test", now=NOON,
    )  # fmt: skip
    return invitation_token(invitation.public_id)


def test_an_operator_joins_no_members_organisation(market: Market) -> None:
    """Case C2: as owner of a buyer an operator could object, and refund it as operator."""
    operator = market.exchange.first
    with pytest.raises(MayNotJoin):
        invitations.accept(token=invited(market.buyer, operator), user=operator, now=NOON)
    profile = Profile(name="A house", kind="private", country="DE", credit_code="", sme=False)
    with pytest.raises(MayNotJoin):
        organisations.create_organisation(profile=profile, owner=operator, now=timezone.now())
    assert list(operator.memberships.values_list("organisation", flat=True)) == [
        market.exchange.organisation.pk
    ]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.EXCHANGE_FINANCE, Role.SUPPORT])
def test_a_member_elsewhere_is_not_appointed(market: Market, role: Role) -> None:
    person = accounts.owner_of(market.buyer)
    accounts.a_member(market.exchange.organisation, user=person)
    with pytest.raises(Refusal) as refused:
        members.a_role(market.exchange.organisation, person, role)
    assert refused.value.code in ("member_elsewhere", "roles_conflict")
    assert not RoleGrant.objects.filter(user=person, role=role).exists()


def test_an_operator_who_belongs_to_a_party_does_not_rule(market: Market) -> None:
    """Case C2, for memberships that are older than the rule against them."""
    order = market.delivered()
    opening.open_dispute(
        order.public_id, kind="not_as_described", actor=market.buying, reason="No.", now=DAY
    )
    accounts.a_member(market.buyer, user=market.exchange.first)
    with pytest.raises(NotAllowed) as refused:
        disputes.rule_on(
            order.public_id, actor=market.exchange.proposer, transition=OrderTransition.REFUND,
            reason_code="other", reason="So it is.", now=LATER,
        )  # fmt: skip
    assert refused.value.facts["reason"] in ("own_organisation", "other_side")
    assert not order.rulings.exists()


def test_a_ruling_of_somebody_who_joined_a_side_since_is_not_carried_out(market: Market) -> None:
    order = market.delivered()
    opening.open_dispute(
        order.public_id, kind="not_as_described", actor=market.buying, reason="No.", now=DAY
    )
    disputes.rule_on(
        order.public_id, actor=market.exchange.proposer, transition=OrderTransition.REFUND,
        reason_code="other", reason="So it is.", now=LATER,
    )  # fmt: skip
    ruling = order.rulings.get()
    accounts.a_member(market.buyer, user=market.exchange.first)
    with pytest.raises(ProposerLeft):
        disputes.approve(ruling.public_id, actor=market.exchange.approver, now=LATER)
    rulings.decline(ruling.public_id, actor=market.exchange.approver, now=LATER)
    order.refresh_from_db()
    assert order.state == OrderState.OBJECTED


def test_a_declared_tie_bars_as_a_membership_does(market: Market) -> None:
    order = market.delivered()
    opening.open_dispute(
        order.public_id, kind="not_as_described", actor=market.buying, reason="No.", now=DAY
    )
    tie = relations.declare_tie(
        actor=market.exchange.approver, user_id=market.exchange.first.public_id,
        organisation_id=market.seller.public_id, kind=TieKind.FAMILY, reason="Their brother.",
        now=DAY,
    )  # fmt: skip
    with pytest.raises(NotAllowed) as refused:
        disputes.rule_on(
            order.public_id, actor=market.exchange.proposer, transition=OrderTransition.RELEASE,
            reason_code="other", reason="So it is.", now=LATER,
        )  # fmt: skip
    assert refused.value.facts["reason"] == "other_side"
    with pytest.raises(NotAllowed):
        relations.end_tie(tie.public_id, actor=market.exchange.proposer, now=LATER)
    relations.end_tie(tie.public_id, actor=market.exchange.approver, now=LATER)
    assert policy.allowed(
        market.exchange.proposer, Permission.ORDER_MODERATE, Subject.of(market.seller)
    )


def test_an_operator_tied_to_who_gets_a_part_decides_neither_on_the_product_nor_on_its_orders(
    market: Market,
) -> None:
    institute = sharing.a_receiver(market.exchange)
    offer = market.offer(100)
    sharing.agreed(offer.product, "70", sharing.part(institute, "30"))
    order = market.order(offer)
    pay(order)
    opening.open_dispute(
        order.public_id, kind="not_as_described", actor=market.buying, reason="No.", now=DAY
    )
    relations.declare_tie(
        actor=market.exchange.approver, user_id=market.exchange.first.public_id,
        organisation_id=institute.public_id, kind=TieKind.FAMILY, reason="Their brother.", now=DAY,
    )  # fmt: skip
    tied, free = market.exchange.proposer, market.exchange.approver

    def rule(actor: actors.Actor) -> None:
        disputes.rule_on(
            order.public_id, actor=actor, transition=OrderTransition.RELEASE, reason_code="other",
            reason="So it is.", now=LATER,
        )  # fmt: skip

    def suspend(actor: actors.Actor) -> None:
        review.suspend(offer.product.public_id, actor=actor, said=BECAUSE, now=LATER)

    for decide in (rule, suspend):
        with pytest.raises(NotAllowed) as refused:
            decide(tied)
        assert refused.value.facts["reason"] == "other_side"
        decide(free)


def test_who_gets_a_part_buys_at_the_posted_price_and_reviews_nothing(market: Market) -> None:
    offer = market.offer(100)
    share = sharing.part(market.buyer, "30")
    sharing.agreed(offer.product, "70", share)
    order = market.order(offer)
    pay(order)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    with pytest.raises(NotAllowed) as refused:
        reviews.write_review(
            actor=market.buying, product_id=offer.product.public_id, order_id=order.public_id,
            stars=5, text="Complete.", now=LATER,
        )  # fmt: skip
    assert refused.value.facts["reason"] == "shares_revenue"
    assert not Review.objects.exists()
    (sale,) = fairness.look(actor=market.exchange.proposer, now=LATER).related
    assert (sale.seller_id, sale.buyer_id) == (market.seller.pk, market.buyer.pk)


def test_an_operator_tied_to_a_side_does_not_end_the_relation_that_bars_them(
    market: Market,
) -> None:
    third = accounts.an_organisation()
    relation = relations.declare(
        actor=market.exchange.approver, organisation_id=third.public_id,
        other_id=market.seller.public_id, kind=RelationKind.OWNER, reason="One owner.", now=DAY,
    )  # fmt: skip
    accounts.a_member(third, user=market.exchange.first)
    with pytest.raises(NotAllowed) as refused:
        relations.end(relation.public_id, actor=market.exchange.proposer, now=LATER)
    assert refused.value.facts["reason"] == "other_side"
    assert relations.end(relation.public_id, actor=market.exchange.approver, now=LATER).ended_at


def test_a_relation_of_the_operating_organisation_can_be_ended(market: Market) -> None:
    relation = relations.declare(
        actor=market.exchange.proposer, organisation_id=market.exchange.organisation.public_id,
        other_id=market.seller.public_id, kind=RelationKind.OWNER, reason="A share.", now=DAY,
    )  # fmt: skip
    assert relations.end(relation.public_id, actor=market.exchange.proposer, now=LATER).ended_at


def test_organisations_that_share_a_person_or_a_declared_relation_are_related(
    market: Market,
) -> None:
    third = accounts.an_organisation()
    assert not conflicts.are_related(market.buyer.pk, market.seller.pk)
    accounts.a_member(market.buyer, user=accounts.owner_of(market.seller))
    assert conflicts.are_related(market.buyer.pk, market.seller.pk)
    assert conflicts.are_related(market.seller.pk, market.buyer.pk)
    relations.declare(
        actor=market.exchange.proposer, organisation_id=third.public_id,
        other_id=market.seller.public_id, kind=RelationKind.OWNER, reason="One owner.", now=DAY,
    )  # fmt: skip
    assert conflicts.are_related(market.seller.pk, third.pk)
    assert not conflicts.are_related(market.buyer.pk, third.pk)


def test_nobody_buys_from_a_house_that_they_belong_to(market: Market) -> None:
    agent = User.objects.get(pk=market.buying.user_id or 0)
    accounts.a_member(market.seller, user=agent)
    both = acting(agent, market.buyer)
    subject = Subject(organisation_id=market.seller.pk, engaged=frozenset({market.buyer.pk}))
    for permission in (Permission.TRADE_BUY, Permission.QUOTE_ASK, Permission.AUCTION_BID):
        assert policy.allowed(both, permission, subject).code in ("both_sides", "own_organisation")
    colleague = members.another_agent(market.buyer)
    assert policy.allowed(colleague, Permission.TRADE_BUY, subject)


def test_a_key_carries_its_maker_and_the_makers_ties(market: Market) -> None:
    """Case H5: what a key agreed to, its maker could approve."""
    owner = accounts.owner_of(market.buyer)
    accounts.a_member(market.seller, user=owner)
    made = accounts.an_api_key(market.buyer, scopes=("orders:buy",))
    actor = actors.actor_from_key(
        key_id=made.key.public_id, maker_id=owner.pk, organisation_id=market.buyer.pk,
        scopes=frozenset({"orders:buy"}), at=DAY,
    )  # fmt: skip
    assert actor.user_id == owner.pk
    assert market.seller.pk in actor.own
    waiting = Subject(organisation_id=market.buyer.pk, made_by=frozenset({owner.pk}))
    refused = policy.allowed(acting(owner, market.buyer), Permission.ORDER_CONFIRM, waiting)
    assert refused.code == "own_making"


def test_four_eyes_do_not_pass_where_nobody_is_known_to_have_made_it(market: Market) -> None:
    leader = acting(accounts.owner_of(market.buyer), market.buyer)
    decision = policy.allowed(leader, Permission.ORDER_CONFIRM, Subject.of(market.buyer))
    assert decision.code == "maker_unknown"


@pytest.mark.parametrize(
    ("role", "permission"),
    [
        (Role.OPERATOR, Permission.PAYMENTS_HANDLE),
        (Role.OPERATOR, Permission.RULES_PROPOSE),
        (Role.EXCHANGE_FINANCE, Permission.ORDER_MODERATE),
        (Role.EXCHANGE_FINANCE, Permission.ADMISSION_PROPOSE),
        (Role.EXCHANGE_FINANCE, Permission.RULES_PROPOSE),
        (Role.RULE_KEEPER, Permission.PAYMENTS_HANDLE),
        (Role.RULE_KEEPER, Permission.ORDER_MODERATE),
        (Role.SUPPORT, Permission.ORDER_MODERATE),
        (Role.SUPPORT, Permission.PAYMENTS_HANDLE),
        (Role.SUPPORT, Permission.RULES_PROPOSE),
    ],
)
def test_each_role_of_the_exchange_has_what_it_must_not_do(
    market: Market, role: Role, permission: Permission
) -> None:
    staff = market.exchange.proposer if role is Role.OPERATOR else market.exchange.acting_as(role)
    assert policy.allowed(staff, permission).code == "role_needed"


def test_support_answers_and_opens_the_console(market: Market) -> None:
    support = market.exchange.acting_as(Role.SUPPORT)
    subject = Subject(organisation_id=market.buyer.pk, engaged=frozenset({market.seller.pk}))
    assert policy.allowed(support, Permission.CONSOLE_OPEN)
    assert policy.allowed(support, Permission.ORDER_ASSIST, subject)


def test_one_operator_alone_appoints_nobody(market: Market) -> None:
    house = market.exchange.organisation
    newcomer = accounts.a_member(house)
    with pytest.raises(NotAllowed) as refused:
        team.grant_role(
            actor=market.exchange.proposer, user_id=newcomer.public_id, role=Role.OPERATOR,
            reason="A friend.", now=LATER,
        )  # fmt: skip
    assert refused.value.facts["reason"] == "second_person_needed"


def test_what_the_exchange_does_says_whom_it_concerns() -> None:
    """A tie bars only where the permission is asked of somebody."""
    silent = {
        name
        for name, case in engine.use_cases().items()
        if case.permission is not None
        and PERMISSION_RULES[case.permission].conflicts
        and getattr(case.call, "about") is None  # noqa: B009 - set by the decorator
        and (case.lifecycle is None or case.lifecycle.concerns is None)
    }
    assert silent == set(ASKED_ELSEWHERE)
