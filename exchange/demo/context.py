"""What the home page shows of the demo."""

from django.http import HttpRequest

from exchange.demo.personas import shown_people


def personas(_request: HttpRequest) -> dict[str, object]:
    """The personas a visitor may step into, as (key, name, house, what they do)."""
    return {
        "personas": [
            {"key": person.key, "name": person.name, "house": house.name, "does": person.shown}
            for house, person in shown_people()
        ]
    }
