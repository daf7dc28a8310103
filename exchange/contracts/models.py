"""Contracts with their steps and signatures, the keys that sign, and the permits that come of them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import Organisation, User
from exchange.catalog.models import Product
from exchange.contracts.lifecycle import CONTRACT, ContractState, Role
from exchange.core.models.steps import Step, step_constraints

HASH_CHARS = 71  # "sha256:" and 64 hexadecimal digits
CODE_CHARS_MAX = 20
BASIS_CHARS_MAX = 80
RECORD_CHARS_MAX = 40
SIGNATURE_CHARS = 88  # 64 bytes in base64
PUBLIC_KEY_CHARS = 44  # 32 bytes in base64
PURPOSE_CHARS_MAX = 500
TERRITORY_CHARS_MAX = 100
UNSIGNED = [ContractState.DRAFTING, ContractState.SIGNING, ContractState.LAPSED]


class SigningKey(models.Model):
    """An Ed25519 key of an organisation, kept by the exchange. The seed lies sealed under the
    server's key; the public half is told to everybody. Rows are retired, never changed otherwise.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="signing_keys"
    )
    public = models.CharField(_("public key"), max_length=PUBLIC_KEY_CHARS, unique=True)
    sealed_seed = models.TextField(_("sealed seed"))
    made_at = models.DateTimeField(_("made"))
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)

    class Meta:
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"],
                condition=Q(retired_at=None),
                name="signing_key_in_use_is_one",
            ),
            models.CheckConstraint(
                condition=Q(retired_at=None) | Q(retired_at__gte=F("made_at")),
                name="signing_key_is_retired_after_it_was_made",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.public}"


@CONTRACT.governs("buyer", "seller", "product")
class Contract(models.Model):
    """One contract by value: the whole document with its hash, and where it stands.

    Document, parties and basis never change. `basis` names what the contract came of
    (`negotiation:neg_…`); the orders that perform it name it. `due_at` is a framework's end.
    """

    public_id = PublicIdField(prefix="ctr")
    template = models.CharField(_("template"), max_length=CODE_CHARS_MAX)
    template_version = models.CharField(_("version"), max_length=CODE_CHARS_MAX)
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, verbose_name=_("product"), related_name="contracts"
    )
    seller = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("seller"), related_name="+"
    )
    buyer = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("buyer"), related_name="+"
    )
    basis = models.CharField(_("came of"), max_length=BASIS_CHARS_MAX, unique=True)
    document = models.JSONField(_("document"))
    document_hash = models.CharField(_("hash"), max_length=HASH_CHARS, unique=True)
    state = models.CharField(
        _("state"), max_length=12, choices=ContractState.choices, default=CONTRACT.start
    )
    sign_by = models.DateTimeField(_("sign by"))
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    steps_count = models.PositiveIntegerField(_("steps"), default=0)
    concluded_at = models.DateTimeField(_("concluded"), null=True, blank=True)
    record_id = models.CharField(
        _("record in the log"), max_length=RECORD_CHARS_MAX, blank=True, default=""
    )
    created_at = models.DateTimeField(_("drawn up"))

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["buyer", "-id"], name="contract_of_buyer"),
            models.Index(fields=["seller", "-id"], name="contract_of_seller"),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="contract_due"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ContractState.values), name="contract_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(buyer=F("seller")), name="contract_has_two_parties"
            ),
            models.CheckConstraint(
                condition=Q(state__in=UNSIGNED) | Q(concluded_at__isnull=False),
                name="contract_signed_knows_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} · {self.product}"


@CONTRACT.keeps_steps("contract")
class ContractStep(Step):
    """What happened to a contract. Rows are never changed or deleted."""

    lifecycle = CONTRACT
    public_id = PublicIdField(prefix="cst")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="steps")

    class Meta:
        verbose_name = _("step of a contract")
        verbose_name_plural = _("steps of contracts")
        ordering = ["contract_id", "number"]
        constraints = step_constraints(CONTRACT, "contract")


class Signature(models.Model):
    """An authorised member's signature for one party, over the canonical bytes of the document."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="signatures")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("party"), related_name="+"
    )
    role = models.CharField(_("part"), max_length=10, choices=Role.choices)
    by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("signed by"), related_name="+"
    )
    key = models.ForeignKey(SigningKey, on_delete=models.PROTECT, related_name="signatures")
    document_hash = models.CharField(_("hash"), max_length=HASH_CHARS)
    value = models.CharField(_("signature"), max_length=SIGNATURE_CHARS)
    at = models.DateTimeField(_("signed"))

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        ordering = ["contract_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "organisation"], name="signature_is_one_per_party"
            ),
            models.UniqueConstraint(fields=["contract", "role"], name="signature_is_one_per_role"),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} · {self.organisation}"


class Permit(models.Model):
    """A grant of use: which acts, how often, until when, what for, where. Empty or None: no limit."""

    public_id = PublicIdField(prefix="pmt")
    contract = models.OneToOneField(Contract, on_delete=models.PROTECT, related_name="permit")
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, verbose_name=_("product"), related_name="permits"
    )
    holder = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("holder"), related_name="permits"
    )
    actions = ArrayField(models.CharField(max_length=40), verbose_name=_("may"), default=list)
    forbidden = ArrayField(models.CharField(max_length=40), verbose_name=_("may not"), default=list)
    uses_max = models.PositiveIntegerField(_("number of uses"), null=True, blank=True)
    used = models.PositiveIntegerField(_("uses so far"), default=0)
    purpose = models.CharField(_("purpose"), max_length=PURPOSE_CHARS_MAX, blank=True)
    environment = models.CharField(_("environment"), max_length=20, blank=True)
    territory = models.CharField(_("territory"), max_length=TERRITORY_CHARS_MAX, blank=True)
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("permit")
        verbose_name_plural = _("permits")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["holder", "product"], name="permit_of_holder"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")),
                name="permit_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(uses_max=None) | Q(uses_max__gt=0), name="permit_counts_from_one"
            ),
            models.CheckConstraint(
                condition=Q(uses_max=None) | Q(used__lte=F("uses_max")),
                name="permit_is_not_used_up_twice",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder} · {self.product}"
