"""`manage.py import_catalogue PATH --as ORG`: a folder of open-data records becomes free listings."""

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.core import clock
from exchange.core.refusals import Refusal
from exchange.journeys.importing import Outcome, import_files

PROGRESS_EVERY = 50
SUFFIXES = frozenset({".yaml", ".yml"})


class Command(BaseCommand):
    """Prints one line for each record that was not listed, and a summary. Safe to repeat."""

    help = "List the records of an open-data registry as free products, delivered externally."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="a folder of YAML files, or one file")
        parser.add_argument(
            "--as", dest="seller", required=True, metavar="ORG", help="the seller: its id or name"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        files = _files(options["path"])
        seller = _seller(options["seller"])
        counted: Counter[Outcome] = Counter()
        try:
            for report in import_files(files, seller=seller, now=clock.now()):
                counted[report.outcome] += 1
                if report.reason:
                    self.stdout.write(f"{report.file}: {report.outcome}: {report.reason}")
                if counted.total() % PROGRESS_EVERY == 0:
                    self.stdout.write(f"{counted.total()}/{len(files)}")
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(_summary(counted))


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    found = sorted(file for file in path.glob("*") if file.suffix in SUFFIXES)
    if not found:
        raise CommandError(_("There is no YAML file at %(path)s.") % {"path": path})
    return found


def _seller(name: str) -> Organisation:
    found = Organisation.objects.filter(public_id=name).first()
    named = list(Organisation.objects.filter(name=name)[:2]) if found is None else []
    if found is None and len(named) == 1:
        found = named[0]
    if found is None:
        raise CommandError(_("There is no organisation “%(name)s”, or several.") % {"name": name})
    return found


def _summary(counted: Counter[Outcome]) -> str:
    new = counted[Outcome.LISTED] + counted[Outcome.CHANGED]
    said = ", ".join(f"{counted[one]} {one}" for one in Outcome)
    return said if new else ". ".join((said, _("Nothing has changed.")))
