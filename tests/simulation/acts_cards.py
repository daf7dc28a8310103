"""What is done with cards beside orders: wallets topped up, sent back and taken back, cards saved and removed.

Renewals are charged to saved cards by the clock's work, without an act of their own.
"""

from random import Random

from exchange.payments import card_top_ups, saved_cards, withdrawals
from exchange.payments.card_lifecycle import CardTopUpState, SavedCardState
from exchange.payments.gateway.sandbox import cards
from exchange.payments.gateway.sandbox import disputes as bank_of_payer
from exchange.payments.gateway.sandbox.models import Thing
from exchange.payments.models import CardTopUp, SavedCard
from tests.simulation.acts import Deed, act, any_of
from tests.simulation.world import World, yuan

CODES = ("good", "good", "good", "declined", "confirm")
SAVED = (*CODES, "empties")


@act(weight=2, is_repeatable=True)
def ask_for_a_top_up(world: World, chance: Random) -> Deed:
    market, token = chance.choice(world.markets), f"c{chance.getrandbits(40)}"
    amount = yuan(chance.randint(1, 40_000))
    return lambda: card_top_ups.ask(
        actor=world.leading(market.buyer), amount=amount, token=token, now=world.now
    )


@act(weight=5, is_repeatable=True)
def pay_a_top_up(world: World, chance: Random) -> Deed | None:
    top_up = any_of(CardTopUp.objects.filter(state=CardTopUpState.WAITING), chance)
    if top_up is None:
        return None
    code, agreed = chance.choice(CODES), chance.random() < 0.7

    def pay() -> None:
        actor = world.leading(top_up.wallet.organisation)
        card_top_ups.open_card_page(actor=actor, top_up_id=top_up.public_id, now=world.now)
        top_up.refresh_from_db()
        cards.pay(top_up.provider_ref or "", card_code=code)
        if code == "confirm":
            cards.confirm(top_up.provider_ref or "", agreed=agreed)

    return pay


@act(weight=2, is_repeatable=True)
def send_a_top_up_back(world: World, chance: Random) -> Deed | None:
    """All of what is left of it, or a part, to the card that it came from."""
    top_up = any_of(CardTopUp.objects.filter(state=CardTopUpState.RECEIVED), chance)
    if top_up is None:
        return None
    token, left = f"b{chance.getrandbits(40)}", max(1, top_up.refundable.minor)
    amount = yuan(chance.choice([left, chance.randint(1, left)]))
    owner = top_up.wallet.organisation
    return lambda: withdrawals.ask(
        actor=world.leading(owner), amount=amount, token=token, top_up=top_up, now=world.now
    )  # fmt: skip


@act(weight=1)
def charge_a_top_up_back(_world: World, chance: Random) -> Deed | None:
    """Its payer's bank takes it back, all of it or a part."""
    taken = Thing.objects.filter(kind="dispute").values("group")
    received = CardTopUp.objects.filter(state=CardTopUpState.RECEIVED)
    top_up = any_of(received.exclude(charge_ref__in=taken), chance)
    if top_up is None:
        return None
    part = chance.choice([None, None, chance.randint(1, top_up.amount_minor)])
    return lambda: bank_of_payer.open_dispute(top_up.charge_ref, amount=part)


@act(weight=2)
def save_a_card(world: World, chance: Random) -> Deed:
    """One that pays, is refused, or has its holder asked; now and then nobody gives one."""
    market, is_given = chance.choice(world.markets), chance.random() < 0.8
    code, agreed = chance.choice(SAVED), chance.random() < 0.7

    def save() -> None:
        actor = world.leading(market.buyer)
        card = saved_cards.ask(actor=actor, now=world.now)
        saved_cards.open_page(actor=actor, card_id=card.public_id, now=world.now)
        card.refresh_from_db()
        if is_given:
            cards.pay(card.provider_ref or "", card_code=code)
        if is_given and code == "confirm":
            cards.confirm(card.provider_ref or "", agreed=agreed)

    return save


@act(weight=1, is_repeatable=True)
def look_after_a_card(world: World, chance: Random) -> Deed | None:
    """Removed, or made the default."""
    card = any_of(SavedCard.objects.filter(state=SavedCardState.SAVED), chance)
    do = chance.choice([saved_cards.remove, saved_cards.make_default, saved_cards.make_default])
    if card is None:
        return None
    actor, name = world.leading(card.organisation), card.public_id
    return lambda: do(name, actor=actor, now=world.now)
