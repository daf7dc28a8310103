"""Notices, who wants which of them by mail, and banners that everybody sees."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import User
from exchange.core.models.steps import ACTOR_CHARS_MAX
from exchange.notices.banner_lifecycle import BANNER, BannerState, Level

KIND_CHARS_MAX = 60
URL_CHARS_MAX = 300
DEDUPE_CHARS_MAX = 200
BANNER_CHARS_MAX = 300


class Notice(models.Model):
    """One fact that one person was told. `dedupe` names the fact: nobody is told it twice."""

    public_id = PublicIdField(prefix="ntc")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(_("kind"), max_length=KIND_CHARS_MAX)
    facts = models.JSONField(_("facts"))
    url = models.CharField(_("address"), max_length=URL_CHARS_MAX)
    dedupe = models.CharField(max_length=DEDUPE_CHARS_MAX)
    at = models.DateTimeField(_("told"))
    read_at = models.DateTimeField(_("read"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["user", "-at", "-id"], name="notice_newest_of_user"),
            models.Index(fields=["user"], condition=Q(read_at=None), name="notice_unread"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "dedupe"], name="notice_is_told_once"),
            models.CheckConstraint(
                condition=Q(url__startswith="/") & ~Q(url__startswith="//"),
                name="notice_leads_into_this_site",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.user}"


class MailPreference(models.Model):
    """A person's own choice for one kind; without one the kind's default holds."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mail_preferences")
    kind = models.CharField(_("kind"), max_length=KIND_CHARS_MAX)
    by_mail = models.BooleanField(_("by mail"))

    class Meta:
        verbose_name = _("mail preference")
        verbose_name_plural = _("mail preferences")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind"], name="mail_preference_is_one_per_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.kind}"


@BANNER.governs()
class Banner(models.Model):
    """One text in both languages that stands on every page from when to when."""

    public_id = PublicIdField(prefix="ban")
    text = models.CharField(_("text in English"), max_length=BANNER_CHARS_MAX)
    text_zh = models.CharField(_("text in Chinese"), max_length=BANNER_CHARS_MAX)
    level = models.CharField(_("level"), max_length=5, choices=Level.choices, default=Level.INFO)
    valid_from = models.DateTimeField(_("from"))
    valid_until = models.DateTimeField(_("until"))
    state = models.CharField(
        _("state"), max_length=10, choices=BannerState.choices, default=BANNER.start
    )
    made_by = models.CharField(_("made by"), max_length=ACTOR_CHARS_MAX)
    made_at = models.DateTimeField(_("made"))
    withdrawn_at = models.DateTimeField(_("taken off"), null=True, blank=True)

    class Meta:
        verbose_name = _("announcement on every page")
        verbose_name_plural = _("announcements on every page")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["valid_until"], condition=Q(state=BannerState.PLANNED), name="banner_shown"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("valid_from")), name="banner_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=~Q(text="") & ~Q(text_zh=""), name="banner_says_it_in_both_languages"
            ),
            models.CheckConstraint(
                condition=Q(level__in=Level.values), name="banner_level_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state=BannerState.PLANNED, withdrawn_at=None)
                | Q(state=BannerState.WITHDRAWN, withdrawn_at__isnull=False),
                name="banner_withdrawn_says_when",
            ),
        ]

    def __str__(self) -> str:
        return self.text
