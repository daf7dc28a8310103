"""What the home page shows of the demo."""

from django.http import HttpRequest

from exchange.demo.personas import shown_people
from exchange.demo.tour import TOUR


def personas(_request: HttpRequest) -> dict[str, object]:
    """The personas a visitor may step into; those of the tour first, with their steps."""
    shown = [
        {
            "key": person.key,
            "name": person.name,
            "house": house.name,
            "does": person.shown,
            "steps": TOUR.get(person.key, ()),
        }
        for house, person in shown_people()
    ]
    by_key = {one["key"]: one for one in shown}
    return {
        "tour": [by_key[key] for key in TOUR],
        "personas": [one for one in shown if one["key"] not in TOUR],
    }
