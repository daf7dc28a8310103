"""Announcements that stand on every page for a time."""

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from exchange.console.marks import DANGER, PRIMARY, act, column
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyTable, legal
from exchange.core import clock
from exchange.core.fields import MomentField, text_field
from exchange.notices import banners
from exchange.notices.banner_lifecycle import BANNER, BannerState, BannerTransition, Level
from exchange.notices.models import BANNER_CHARS_MAX, Banner


class BannerForm(forms.Form):
    text = text_field(_("Text in English"), chars_min=10, chars_max=BANNER_CHARS_MAX, rows=2)
    text_zh = text_field(_("Text in Chinese"), chars_min=10, chars_max=BANNER_CHARS_MAX, rows=2)
    level = forms.TypedChoiceField(label=_("Level"), choices=Level.choices, coerce=Level)
    valid_from = MomentField(label=_("From"), required=False, help_text=_("Empty: at once."))
    valid_until = MomentField(label=_("Until"))


@admin.register(Banner, site=console)
class BannerTable(ReadOnlyTable):
    """The newest first. What one said stays; another text is another announcement."""

    when_empty = _(
        "Announce here what everybody has to know: works at night, changed hours, a disturbance."
    )
    list_display = ("text", "level", "standing", "valid_from", "valid_until")
    list_filter = ("level",)
    search_fields = ("public_id__exact",)
    search_help_text = _("Public id")
    ordering = ("-pk",)
    fields = (
        "text", "text_zh", "public_id", "level", "standing", "valid_from", "valid_until", "made_by",
        "made_at", "withdrawn_at",
    )  # fmt: skip
    actions_list = ("show",)
    actions_detail = ("withdraw",)

    has_withdraw_permission = legal(BANNER, BannerTransition.WITHDRAW)

    @column(_("state"), labels={"shown": "success", "coming": "info", "withdrawn": "warning"})
    def standing(self, row: Banner) -> tuple[str, str]:
        now = clock.now()
        if row.state == BannerState.WITHDRAWN:
            return "withdrawn", row.get_state_display()
        if row.valid_until <= now:
            return "over", str(_("over"))
        if row.valid_from > now:
            return "coming", str(_("planned"))
        return "shown", str(_("shown now"))

    @act(_("Announce on every page"), path="show", icon="campaign", variant=PRIMARY)
    def show(self, request: HttpRequest) -> HttpResponse:
        return self.perform_on_list(
            request, banners.show, BannerForm,
            title=_("Announce on every page"),
            sentence=_(
                "It stands above every page of the site, the desk and the console in its time. Each reader"
                " can close it."
            ),
            button=_("Announce"),
        )  # fmt: skip

    @act(_("Take off"), permission="withdraw", path="withdraw", icon="cancel", variant=DANGER)
    def withdraw(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, banners.withdraw, title=_("Take off"),
            sentence=_("It stands on no page any more, at once."),
        )  # fmt: skip
