"""Accounts and the balances that the database keeps for them."""

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import Organisation
from exchange.core.fields import CurrencyField, MinorUnitsField
from pricing.money import Money


class AccountKind(models.TextChoices):
    """The five kinds of double entry. Debits increase the first two, credits the others."""

    ASSET = "asset", _("Asset")
    EXPENSE = "expense", _("Expense")
    LIABILITY = "liability", _("Liability")
    INCOME = "income", _("Income")
    EQUITY = "equity", _("Equity")


DEBIT_KINDS = frozenset({AccountKind.ASSET, AccountKind.EXPENSE})


class Guard(models.IntegerChoices):
    """Which balance may not go below zero; holds count against it."""

    NONE = 0, _("Not guarded")
    CREDIT = 1, _("Debits stay within credits")
    DEBIT = 2, _("Credits stay within debits")


class Phase(models.TextChoices):
    """A transfer moves money at once, or holds it and is later posted or voided."""

    SINGLE = "single", _("Moved")
    PENDING = "pending", _("Held")
    POST = "post", _("Hold taken")
    VOID = "void", _("Hold released")


CODE_CHARS_MAX = 200
ACTOR_CHARS_MAX = 200


class Account(models.Model):
    """One side of transfers. `code` names it for programs: `escrow:order:…`.

    The four sums are kept by the database from the transfers and by nobody else: posted debits and
    credits, and those of holds that are still open. What an account is never changes; a closed one
    is settled and takes no further transfer.
    """

    public_id = PublicIdField(prefix="acc")
    code = models.CharField(_("code"), max_length=CODE_CHARS_MAX, unique=True)
    owner = models.ForeignKey(
        Organisation,
        verbose_name=_("owner"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    kind = models.CharField(_("kind"), max_length=9, choices=AccountKind.choices)
    currency = CurrencyField(verbose_name=_("currency"))
    guard = models.PositiveSmallIntegerField(_("guard"), choices=Guard.choices, default=Guard.NONE)
    dr_minor = MinorUnitsField(_("debits"), default=0, editable=False)
    cr_minor = MinorUnitsField(_("credits"), default=0, editable=False)
    dr_pending_minor = MinorUnitsField(_("debits held"), default=0, editable=False)
    cr_pending_minor = MinorUnitsField(_("credits held"), default=0, editable=False)
    opened_at = models.DateTimeField(_("opened"), db_default=TransactionNow(), editable=False)
    opened_by = models.CharField(_("opened by"), max_length=ACTOR_CHARS_MAX, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)

    # Not stored: whether the call that returned this account opened it, or found it open.
    is_new = False

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(fields=["id", "currency"], name="account_has_one_currency"),
            models.CheckConstraint(
                condition=Q(kind__in=AccountKind.values), name="account_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(guard__in=Guard.values), name="account_guard_is_known"
            ),
            models.CheckConstraint(
                condition=Q(currency__regex="^[A-Z]{3}$"), name="account_currency_is_a_code"
            ),
            models.CheckConstraint(
                condition=Q(dr_minor__gte=0, cr_minor__gte=0)
                & Q(dr_pending_minor__gte=0, cr_pending_minor__gte=0),
                name="account_sums_are_not_negative",
            ),
            models.CheckConstraint(
                condition=~Q(guard=Guard.CREDIT)
                | Q(cr_minor__gte=F("dr_minor") + F("dr_pending_minor")),
                name="account_debits_within_credits",
            ),
            models.CheckConstraint(
                condition=~Q(guard=Guard.DEBIT)
                | Q(dr_minor__gte=F("cr_minor") + F("cr_pending_minor")),
                name="account_credits_within_debits",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None)
                | Q(dr_minor=F("cr_minor"), dr_pending_minor=0, cr_pending_minor=0),
                name="account_closes_settled",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def balance(self) -> Money:
        """What is posted, positive on the account's own side; holds are not in it."""
        on_debit = self.dr_minor - self.cr_minor
        return Money(on_debit if self.kind in DEBIT_KINDS else -on_debit, self.currency)

    @property
    def available(self) -> Money:
        """What may still leave: the balance less what open holds will take. Incoming holds do not count."""
        leaving = self.cr_pending_minor if self.kind in DEBIT_KINDS else self.dr_pending_minor
        return self.balance - Money(leaving, self.currency)
