"""The personas as actors: who does what in the demo's stories."""

from datetime import datetime

from accounts.credit_codes import check_character
from accounts.models import Organisation, User
from exchange.demo.personas import HOUSES, House, Person
from exchange.members import actors
from exchange.members.actors import Actor


def credit_code(house: House) -> str:
    """The invented credit code with its right check character."""
    body = f"91440300{house.body}0"
    return body + check_character(body)


def organisation_of(house: House) -> Organisation:
    return Organisation.objects.get(credit_code=credit_code(house))


def user_of(person: Person) -> User:
    return User.objects.get(email=person.email)


def acting_for(house: House, person: Person, now: datetime) -> Actor:
    """The person, acting for the house, with what both may do at that moment."""
    return actors.actor_from(
        user=user_of(person),
        organisation_id=organisation_of(house).pk,
        second_factor=True,
        at=now,
    )


def acting(key: str, now: datetime) -> Actor:
    """The person with that key, acting for their house."""
    house, person = next(
        (house, person) for house in HOUSES for person in house.people if person.key == key
    )
    return acting_for(house, person, now)
