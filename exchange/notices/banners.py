"""Banners: what the exchange tells everybody, on every page, for a time.

Pages read them from the cache, which is filled anew after each change and once a minute: a page asks the database
nothing for them but when nothing is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext as _

from exchange.audit import agreement
from exchange.audit.coverage import require_record, subjects
from exchange.core.refusals import Invalid
from exchange.core.titles import in_own_language
from exchange.core.use_case import use_case
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.notices.banner_lifecycle import BANNER, BannerState, BannerTransition, Level
from exchange.notices.models import Banner

KEY = "notices.banners"
KEPT_SECONDS = 60
SHOWN_MAX = 3


class BannerRefused(Invalid):
    """A banner ends after it begins and after now."""

    code = "banner_refused"


@dataclass(frozen=True)
class Shown:
    """A banner as pages show it."""

    public_id: str
    text: str
    text_zh: str
    level: str
    valid_from: datetime
    valid_until: datetime

    @property
    def line(self) -> str:
        """In the reader's language."""
        return in_own_language(self.text, self.text_zh)


@use_case(Permission.BANNER_SHOW)
def show(
    *,
    text: str,
    text_zh: str,
    level: Level,
    valid_from: datetime | None,
    valid_until: datetime,
    actor: Actor,
    now: datetime,
) -> Banner:
    """As an operator, have a text stand on every page in its time, which begins at once unless said. Raises
    BannerRefused."""
    valid_from = valid_from or now
    if valid_until <= valid_from or valid_until <= now:
        raise BannerRefused(
            _("It ends later than it begins, and later than now."), field="valid_until"
        )
    banner = Banner(
        text=text.strip(), text_zh=text_zh.strip(), level=level, valid_from=valid_from,
        valid_until=valid_until, made_by=actor.name, made_at=now,
    )  # fmt: skip
    BANNER.transition(
        banner,
        BannerTransition.SHOW,
        actor=actor,
        now=now,
        facts={"valid_from": valid_from.isoformat(), "valid_until": valid_until.isoformat()},
    )  # fmt: skip
    transaction.on_commit(forget)
    return banner


@use_case(Permission.BANNER_SHOW, locks=BANNER)
def withdraw(banner: Banner, *, actor: Actor, now: datetime) -> Banner:
    """As an operator, take a banner off before its time is over."""
    banner.withdrawn_at = now
    BANNER.transition(
        banner, BannerTransition.WITHDRAW, actor=actor, now=now, save=("withdrawn_at",)
    )
    transaction.on_commit(forget)
    return banner


def forget() -> None:
    """Have the next page read the banners anew."""
    cache.delete(KEY)


def shown_at(now: datetime) -> Sequence[Shown]:
    """The banners whose time it is, the weightiest first; SHOWN_MAX of them."""
    kept: list[Shown] | None = cache.get(KEY)
    if kept is None:
        kept = _read(now)
        cache.set(KEY, kept, KEPT_SECONDS)
    running = [one for one in kept if one.valid_from <= now < one.valid_until]
    weight = list(Level.values)
    return sorted(running, key=lambda one: -weight.index(one.level))[:SHOWN_MAX]


def _read(now: datetime) -> list[Shown]:
    rows = Banner.objects.filter(state=BannerState.PLANNED, valid_until__gt=now)
    names = ("public_id", "text", "text_zh", "level", "valid_from", "valid_until")
    return [Shown(*row) for row in rows.order_by("-pk").values_list(*names)[:50]]


def declare() -> None:
    """For `AppConfig.ready`."""
    BANNER.record_facts = lambda banner, _change: {
        "text": banner.text, "text_zh": banner.text_zh, "level": str(banner.level),
    }  # fmt: skip
    require_record(
        name="notices.banners",
        rows=subjects("banner", Banner.objects.all()),
        event="notices.banner.announced",
    )
    agreement.rows_of(
        "banner",
        "notices_banner AS row",
        facts={"text": "row.text", "text_zh": "row.text_zh", "level": "row.level"},
    )
