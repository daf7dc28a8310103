"""Forms of people, organisations, invitations and API keys."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.api_keys import VALID_DAYS_MAX
from accounts.billing import Billing
from accounts.countries import country_choices
from accounts.lines import EMAIL_CHARS_MAX
from accounts.models import (
    CITY_CHARS_MAX,
    KEY_NAME_CHARS_MAX,
    NAME_CHARS_MAX,
    POSTCODE_CHARS_MAX,
    STREET_CHARS_MAX,
    MembershipRole,
    OrganisationKind,
)
from accounts.organisations import Profile
from exchange.core import currencies
from exchange.core.fields import AmountField, MoneyForm
from exchange.members.permissions import SCOPES

VALID_DAYS = ((30, _("30 days")), (90, _("90 days")), (VALID_DAYS_MAX, _("One year")))


class OrganisationForm(forms.Form):
    """What an organisation says of itself. The credit code is checked by accounts itself."""

    name = forms.CharField(label=_("Name"), max_length=NAME_CHARS_MAX)
    kind = forms.ChoiceField(label=_("Kind"), choices=OrganisationKind.choices)
    country = forms.ChoiceField(label=_("Country"), choices=country_choices, initial="CN")
    credit_code = forms.CharField(
        label=_("Unified social credit code"),
        max_length=40,
        required=False,
        help_text=_("18 characters, as on the business licence. Needed in China."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    sme = forms.BooleanField(label=_("Small or medium-sized enterprise"), required=False)

    def profile(self) -> Profile:
        return Profile(**self.cleaned_data)


class BillingForm(forms.Form):
    """Where invoices go."""

    street = forms.CharField(
        label=_("Street and number"), max_length=STREET_CHARS_MAX, required=False
    )
    postcode = forms.CharField(label=_("Postcode"), max_length=POSTCODE_CHARS_MAX, required=False)
    city = forms.CharField(label=_("City"), max_length=CITY_CHARS_MAX, required=False)
    tax_id = forms.CharField(
        label=_("VAT number"),
        help_text=_("In the European Union with its country in front; in China the credit code."),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def billing(self) -> Billing:
        return Billing(**self.cleaned_data)


class InvitationForm(forms.Form):
    """Whom to invite, as what."""

    email = forms.EmailField(label=_("E-mail address"), max_length=EMAIL_CHARS_MAX)
    role = forms.ChoiceField(
        label=_("Role"), choices=MembershipRole.choices, initial=MembershipRole.MEMBER
    )


class RoleForm(forms.Form):
    """Another role for a member."""

    role = forms.ChoiceField(label=_("Role"), choices=MembershipRole.choices)


class ApiKeyForm(MoneyForm):
    """A key: for what, how far and how long."""

    name = forms.CharField(
        label=_("Name"), max_length=KEY_NAME_CHARS_MAX, help_text=_("What will use it.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=[(scope, format_lazy("{} ({})", words, scope)) for scope, words in SCOPES.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    valid_days = forms.TypedChoiceField(
        label=_("Valid for"), choices=VALID_DAYS, coerce=int, initial=90
    )
    amount = AmountField(
        label=_("May buy for at most"),
        help_text=_(
            "In all, with tax, as long as the key is valid. Only for a key that may buy: it is"
            " refused beyond this, and what it bids stays counted."
        ),
        required=False,
    )
    currency = forms.ChoiceField(
        label=_("Currency"),
        choices=currencies.choices,
        initial=currencies.home,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """Adds `buying_limit`, a Money or None."""
        said = super().clean()
        said["buying_limit"] = said.pop("amount", None)
        said.pop("currency", None)
        return said


class ProfileForm(forms.Form):
    """What a person changes of themselves."""

    name = forms.CharField(label=_("Name"), max_length=NAME_CHARS_MAX)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
