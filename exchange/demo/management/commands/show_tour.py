"""`manage.py show_tour`: what a visitor of the demo clicks first."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from exchange.demo.personas import shown_people
from exchange.demo.tour import TOUR


class Command(BaseCommand):
    help = "Prints the demo's three people and the steps that each begins with."

    def handle(self, *_args: Any, **_options: Any) -> None:
        people = {person.key: (person, house) for house, person in shown_people()}
        self.stdout.write("  Begin on the first page: one click signs you in as one of them.")
        for key, steps in TOUR.items():
            person, house = people[key]
            self.stdout.write(f"\n  {key.capitalize()}: {person.name}, {house.name}")
            for number, step in enumerate(steps, start=1):
                self.stdout.write(
                    f"    {number}. {step.does}\n       {settings.PUBLIC_URL}{step.url}"
                )
