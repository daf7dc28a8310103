"""`manage.py draw_lifecycles`: writes docs/lifecycles.md and its pictures from the tables."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from exchange.core.drawing import file_name, markdown, svg
from exchange.core.lifecycle import lifecycles


class Command(BaseCommand):
    help = "Draws every declared lifecycle into the documentation."

    def handle(self, *_args: Any, **_options: Any) -> None:
        docs = Path(settings.BASE_DIR) / "docs"
        pictures = docs / "pictures"
        pictures.mkdir(exist_ok=True)
        kept = {file_name(one) for one in lifecycles()}
        for path in pictures.glob("lifecycle-*.svg"):
            if path.name not in kept:
                path.unlink()
        for one in lifecycles():
            (pictures / file_name(one)).write_text(svg(one), encoding="utf-8")
        (docs / "lifecycles.md").write_text(markdown(lifecycles()), encoding="utf-8")
        self.stdout.write(f"{len(kept)} lifecycles drawn")
