"""What an account is, how it is guarded, and the phases of a transfer."""

from django.db import models
from django.utils.translation import gettext_lazy as _


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
