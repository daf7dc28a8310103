"""How a banner stands, and which steps are legal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from exchange.core.lifecycle import NEW, Lifecycle, Transition

if TYPE_CHECKING:
    from exchange.notices.models import Banner


class Level(TextChoices):
    """How much a banner matters, by which it is coloured."""

    INFO = "info", _("Information")
    WARN = "warn", _("Warning")
    BAD = "bad", _("Disturbance")


class BannerState(TextChoices):
    """Whether a banner counts; when it is shown says its time."""

    PLANNED = "planned", _("Shown in its time")
    WITHDRAWN = "withdrawn", _("Taken off")


class BannerTransition(TextChoices):
    """What can happen to a banner."""

    SHOW = "show", _("Announced")
    WITHDRAW = "withdraw", _("Taken off")


BANNER: Lifecycle[Banner] = Lifecycle(
    "notices.banner",
    BannerState,
    title=_("Announcement on every page"),
    start=BannerState.PLANNED,
    live=False,
    transitions=(
        Transition(
            BannerTransition.SHOW, NEW, BannerState.PLANNED, event="notices.banner.announced"
        ),
        Transition(
            BannerTransition.WITHDRAW, BannerState.PLANNED, BannerState.WITHDRAWN,
            event="notices.banner.withdrawn",
        ),
    ),
)  # fmt: skip
