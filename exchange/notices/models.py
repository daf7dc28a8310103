"""Notices, and who wants which of them by mail."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import User

KIND_CHARS_MAX = 60
URL_CHARS_MAX = 300
DEDUPE_CHARS_MAX = 200


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
