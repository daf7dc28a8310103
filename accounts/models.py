"""People, organisations and who acts for them, invitations and API keys."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Upper
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.lines import CONTROL_CHARACTERS

NAME_CHARS_MAX = 200
CREDIT_CODE_CHARS = 18
COUNTRY_CHARS = 2
HASH_CHARS = 64
KEY_NAME_CHARS_MAX = 80
SCOPE_CHARS_MAX = 60
SCOPES_MAX = 40
PREFIX_CHARS = 10
CURRENCY_CHARS = 3
STREET_CHARS_MAX = 200
POSTCODE_CHARS_MAX = 20
CITY_CHARS_MAX = 100
TAX_ID_CHARS_MAX = 20


class Users(BaseUserManager["User"]):
    """Makes users. Addresses are stored in lower case: one person, one address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. `is_staff` opens the console's door; what it shows is decided by policy."""

    public_id = PublicIdField(prefix="usr")
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=NAME_CHARS_MAX, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    is_staff = models.BooleanField(_("may open the console"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now, editable=False)
    # When somebody else ended all of the person's sessions, last.
    signed_out_at = models.DateTimeField(null=True, blank=True, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = Users()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_is_unique"),
            models.CheckConstraint(
                condition=~Q(email__regex=CONTROL_CHARACTERS), name="user_email_is_one_line"
            ),
            models.CheckConstraint(
                condition=~Q(name__regex=CONTROL_CHARACTERS), name="user_name_is_one_line"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """Django's name for it; the theme of the console says who is signed in by it."""
        return self.name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What sessions are held to: the password and, once all were ended, the moment of it. Django asks
        for it by this name, also with the secrets that were in use before."""
        of_password: str = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]  # no stub
        if self.signed_out_at is None:
            return of_password
        moment = self.signed_out_at.isoformat()
        salt = "accounts.signed_out_at"
        return salted_hmac(
            salt, of_password + moment, secret=secret, algorithm="sha256"
        ).hexdigest()


class OrganisationKind(models.TextChoices):
    """What an organisation is in law; the exchange's rules for state assets look at it."""

    STATE_OWNED = "state_owned", _("State-owned enterprise")
    PRIVATE = "private", _("Private enterprise")
    INSTITUTE = "institute", _("Research institute or university")
    PUBLIC_BODY = "public_body", _("Public body")
    OTHER = "other", _("Other")


class Organisation(models.Model):
    """A legal person whose members act for it.

    The database checks the check digit of the credit code and refuses to lose the last owner
    (migration 0002).
    """

    public_id = PublicIdField(prefix="org")
    name = models.CharField(_("name"), max_length=NAME_CHARS_MAX)
    credit_code = models.CharField(
        _("unified social credit code"),
        max_length=CREDIT_CODE_CHARS,
        unique=True,
        null=True,
        blank=True,
    )
    country = models.CharField(_("country"), max_length=COUNTRY_CHARS, default="CN")
    kind = models.CharField(_("kind"), max_length=20, choices=OrganisationKind.choices)
    sme = models.BooleanField(_("small or medium-sized enterprise"), default=False)
    # Where invoices go, see accounts.billing: what is said, not what the exchange has checked.
    street = models.CharField(
        _("street and number"), max_length=STREET_CHARS_MAX, blank=True, default=""
    )
    postcode = models.CharField(
        _("postcode"), max_length=POSTCODE_CHARS_MAX, blank=True, default=""
    )
    city = models.CharField(_("city"), max_length=CITY_CHARS_MAX, blank=True, default="")
    tax_id = models.CharField(_("VAT number"), max_length=TAX_ID_CHARS_MAX, blank=True, default="")
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    members: "models.ManyToManyField[User, Membership]" = models.ManyToManyField(
        User, through="Membership", related_name="organisations"
    )

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name"]
        indexes = [
            models.Index(Upper("name"), name="organisation_called"),
            GinIndex(SearchVector("name", config="simple"), name="organisation_name_words"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name__regex=CONTROL_CHARACTERS), name="organisation_name_is_one_line"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="organisation_has_a_name"),
            models.CheckConstraint(
                condition=Q(country__regex="^[A-Z]{2}$"), name="organisation_country_is_iso"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=OrganisationKind.values), name="organisation_kind_is_known"
            ),
            models.CheckConstraint(
                condition=~(
                    Q(street__regex=CONTROL_CHARACTERS)
                    | Q(postcode__regex=CONTROL_CHARACTERS)
                    | Q(city__regex=CONTROL_CHARACTERS)
                ),
                name="organisation_address_is_lines",
            ),
            models.CheckConstraint(
                condition=Q(street="", postcode="", city="") | (~Q(street="") & ~Q(city="")),
                name="organisation_address_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(tax_id__regex="^[A-Z0-9+*]*$"), name="organisation_tax_id_is_plain"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MembershipRole(models.TextChoices):
    """What a member may do to the organisation itself, not at the exchange."""

    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Administrator")
    MEMBER = "member", _("Member")


class Membership(models.Model):
    """A user acts for an organisation."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(
        _("role"), max_length=10, choices=MembershipRole.choices, default=MembershipRole.MEMBER
    )
    joined_at = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["user", "organisation"], name="membership_is_unique"),
            models.CheckConstraint(
                condition=Q(role__in=MembershipRole.values), name="membership_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.organisation}"


class InvitationOutcome(models.TextChoices):
    """How an invitation ended. One that is open, or ran out unused, has none."""

    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    REVOKED = "revoked", _("Revoked")


class Invitation(models.Model):
    """An offer of a role to an address, good once and until it expires. Its token is not stored."""

    public_id = PublicIdField(prefix="inv")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="invitations"
    )
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=10, choices=MembershipRole.choices)
    language = models.CharField(_("language"), max_length=10, blank=True)
    token_hash = models.CharField(max_length=HASH_CHARS, unique=True, editable=False)
    invited_by = models.CharField(_("invited by"), max_length=60)
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("expires"))
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=InvitationOutcome.choices, blank=True, default=""
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                "organisation",
                Lower("email"),
                condition=Q(outcome=""),
                name="invitation_is_open_once_per_address",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", closed_at__isnull=True)
                | Q(outcome__in=InvitationOutcome.values, closed_at__isnull=False),
                name="invitation_closes_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(outcome="accepted", accepted_by__isnull=False)
                | ~Q(outcome="accepted") & Q(accepted_by__isnull=True),
                name="invitation_accepted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="invitation_expires_later"
            ),
            models.CheckConstraint(
                condition=~Q(email__regex=CONTROL_CHARACTERS), name="invitation_email_is_one_line"
            ),
            models.CheckConstraint(
                condition=Q(role__in=MembershipRole.values), name="invitation_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} → {self.organisation}"


class ApiKey(models.Model):
    """A key with scopes and an end. The secret is shown once; its SHA-256 is what stays."""

    public_id = PublicIdField(prefix="key")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="api_keys"
    )
    name = models.CharField(_("name"), max_length=KEY_NAME_CHARS_MAX)
    prefix = models.CharField(_("prefix"), max_length=PREFIX_CHARS, unique=True, editable=False)
    secret_hash = models.CharField(max_length=HASH_CHARS, editable=False)
    scopes = ArrayField(
        models.CharField(max_length=SCOPE_CHARS_MAX), verbose_name=_("scopes"), size=SCOPES_MAX
    )
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_keys")
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("expires"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    # What a program may commit with the key in all, in minor units, and what it has.
    buying_limit_minor = models.BigIntegerField(_("may spend"), null=True, blank=True)
    buying_currency = models.CharField(
        _("currency"), max_length=CURRENCY_CHARS, blank=True, default=""
    )
    bought_minor = models.BigIntegerField(_("spent"), default=0)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        constraints = [
            models.CheckConstraint(
                condition=Q(secret_hash__regex="^[0-9a-f]{64}$"),  # noqa: S106 - a shape, no secret
                name="api_key_keeps_a_hash_only",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="api_key_expires_later"
            ),
            models.CheckConstraint(condition=Q(scopes__len__gte=1), name="api_key_has_a_scope"),
            models.CheckConstraint(
                condition=Q(buying_limit_minor=None, buying_currency="", bought_minor=0)
                | Q(
                    buying_currency__regex="^[A-Z]{3}$",
                    bought_minor__gte=0,
                    bought_minor__lte=F("buying_limit_minor"),
                ),
                name="api_key_spends_within_its_limit",
            ),
            models.CheckConstraint(
                condition=~Q(name__regex=CONTROL_CHARACTERS), name="api_key_name_is_one_line"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} (ask_{self.prefix}…)"

    def usable_at(self, now: datetime) -> bool:
        """Whether the key itself is good; its maker must be active besides."""
        return self.revoked_at is None and now < self.expires_at


class KeyPurchase(models.Model):
    """What a key has committed on one matter: an order, a negotiation, the highest bid in an auction.

    Their sum is the key's `bought_minor`. A bid that loses stays counted: it was bound while it stood.
    """

    key = models.ForeignKey(ApiKey, on_delete=models.PROTECT, related_name="purchases")
    subject = models.CharField(max_length=SCOPE_CHARS_MAX)
    amount_minor = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("purchase with an API key")
        verbose_name_plural = _("purchases with API keys")
        constraints = [
            models.UniqueConstraint(fields=["key", "subject"], name="key_purchase_is_counted_once"),
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0), name="key_purchase_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} · {self.subject}"
