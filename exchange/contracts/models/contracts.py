"""Contracts, their steps and signatures."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from exchange.catalog.models import Product
from exchange.contracts.models.keys import SigningKey
from exchange.contracts.states import ContractState, Move, Role, legal_steps
from exchange.core.ids import PublicIdField

HASH_CHARS = 71  # "sha256:" and 64 hexadecimal digits
CODE_CHARS_MAX = 20
REF_CHARS_MAX = 80
SIGNATURE_CHARS = 88  # 64 bytes in base64
ACTOR_CHARS_MAX = 100


class Contract(models.Model):
    """One contract by value: the whole document with its hash, and where it stands.

    Document, parties and basis never change. `basis` names what the contract came of
    (`negotiation:neg_…`), `order_ref` the order that performs it.
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
    basis = models.CharField(_("came of"), max_length=REF_CHARS_MAX, unique=True)
    document = models.JSONField(_("document"))
    document_hash = models.CharField(_("hash"), max_length=HASH_CHARS, unique=True)
    state = models.CharField(_("state"), max_length=12, choices=ContractState.choices)
    sign_by = models.DateTimeField(_("sign by"))
    steps_count = models.PositiveIntegerField(_("steps"), default=0)
    order_ref = models.CharField(_("order"), max_length=REF_CHARS_MAX, blank=True, default="")
    concluded_at = models.DateTimeField(_("concluded"), null=True, blank=True)
    record_id = models.CharField(_("record in the log"), max_length=40, blank=True, default="")
    created_at = models.DateTimeField(_("drawn up"))

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["buyer", "-id"], name="contract_of_buyer"),
            models.Index(fields=["seller", "-id"], name="contract_of_seller"),
            models.Index(fields=["state", "sign_by"], name="contract_due"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ContractState.values), name="contract_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(buyer=F("seller")), name="contract_has_two_parties"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        ContractState.DRAFTING, ContractState.SIGNING, ContractState.LAPSED,
                    ]
                )
                | Q(concluded_at__isnull=False),
                name="contract_signed_knows_when",
            ),
            models.CheckConstraint(
                condition=~Q(
                    state__in=[
                        ContractState.PERFORMING, ContractState.COMPLETED, ContractState.TERMINATED,
                    ]
                )
                | ~Q(order_ref=""),
                name="contract_performed_has_an_order",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.public_id} · {self.product}"


class ContractStep(models.Model):
    """What happened to a contract. Rows are never changed or deleted."""

    public_id = PublicIdField(prefix="cst")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="steps")
    number = models.PositiveIntegerField(_("number"))
    move = models.CharField(_("step"), max_length=10, choices=Move.choices)
    source = models.CharField(_("from"), max_length=12, blank=True)
    target = models.CharField(_("to"), max_length=12, choices=ContractState.choices)
    actor = models.CharField(_("actor"), max_length=ACTOR_CHARS_MAX)
    by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("by"),
        related_name="+",
        null=True,
        blank=True,
    )
    facts = models.JSONField(_("facts"), default=dict)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("step of a contract")
        verbose_name_plural = _("steps of contracts")
        ordering = ["contract_id", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "number"], name="contract_step_number_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(
                    *(
                        Q(move=move, source=source, target=target)
                        for move, source, target in legal_steps()
                    ),
                    _connector=Q.OR,
                ),
                name="contract_step_is_a_legal_move",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} · {self.get_move_display()}"


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
