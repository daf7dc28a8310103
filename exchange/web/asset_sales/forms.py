"""Forms of asset sales."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange.asset_sales.models.announcements import CONDITIONS_CHARS_MAX
from exchange.asset_sales.models.asset_sales import NUMBER_CHARS_MAX
from exchange.asset_sales.models.evidence import FIRM_CHARS_MAX
from exchange.asset_sales.preparing import Upload, ValuationRequest
from exchange.asset_sales.rounds import DAYS_MAX, RoundRequest
from exchange.catalog.lifecycle import DealNature
from exchange.core.fields import AmountField, CountField, DayField, MoneyForm, text_field
from exchange.core.lifecycle import REASON_CHARS_MAX

REPORT, MEMO = "report", "memo"
PDF = _("PDF, at most 10 MB. Its hash goes into the transparency log.")
NATURES = [(one.value, one.label) for one in (DealNature.TRANSFER, DealNature.CONTRIBUTION)]


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


class DocumentField(forms.FileField):
    """A PDF."""

    widget = forms.ClearableFileInput(attrs={"accept": ".pdf"})

    def clean(self, data: Any, initial: Any = None) -> Upload:
        file = super().clean(data, initial)
        return Upload(name=file.name, content=file)


class PlanForm(forms.Form):
    """Which product is to be transferred or contributed."""

    product = forms.ChoiceField(label=_("Product"))
    nature = forms.ChoiceField(label=_("Nature of the deal"), choices=NATURES)

    def __init__(self, *args: Any, products: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["product"].choices = products  # type: ignore[attr-defined]


class DecideForm(forms.Form):
    minutes = DocumentField(label=_("Minutes of the decision"), help_text=PDF)
    reason = text_field(_("What was decided"), chars_max=REASON_CHARS_MAX)


class ConflictForm(forms.Form):
    words = text_field(_("Your conflict of interest"), chars_max=REASON_CHARS_MAX)


class ValuationForm(MoneyForm):
    """An appraisal, or a memo on the firms that were asked."""

    basis = forms.ChoiceField(
        label=_("What the value rests on"),
        choices=[
            (REPORT, _("An appraisal report")),
            (MEMO, _("A memo: no firm could value it")),
        ],
    )
    value_minor = AmountField(label=_("Value, without tax"))
    base_date = DayField(label=_("Base date"))
    firm = forms.CharField(label=_("Firm, for a report"), max_length=FIRM_CHARS_MAX, required=False)
    report_no = forms.CharField(
        label=_("Report number, for a report"), max_length=NUMBER_CHARS_MAX, required=False
    )
    appraisers = text_field(
        _("Appraisers who sign, for a report: one per line"),
        required=False,
        chars_max=REASON_CHARS_MAX,
    )
    firms = text_field(
        _("Firms that were asked, for a memo: one per line"),
        required=False,
        chars_max=REASON_CHARS_MAX,
    )
    reasons = text_field(
        _("Why none could value it, for a memo"), required=False, chars_max=REASON_CHARS_MAX
    )
    report = DocumentField(label=_("Report or memo"), help_text=PDF)

    def command(self) -> ValuationRequest:
        said = self.minor_units()
        is_memo = said["basis"] == MEMO
        return ValuationRequest(
            value_minor=said["value_minor"],
            base_date=said["base_date"],
            firm="" if is_memo else said["firm"],
            appraisers=() if is_memo else _lines(said["appraisers"]),
            report_no="" if is_memo else said["report_no"],
            firms=(_lines(said["firms"]) or ("",)) if is_memo else (),
            reasons=said["reasons"] if is_memo else "",
        )


class FilingForm(forms.Form):
    filing_no = forms.CharField(label=_("Filing number"), max_length=NUMBER_CHARS_MAX)
    proof = DocumentField(label=_("Proof of filing"), help_text=PDF)


class RoundForm(MoneyForm):
    """The next announcement."""

    floor_minor = AmountField(label=_("Floor, without tax"))
    days = CountField(label=_("Working days"), least=1, most=DAYS_MAX)
    deposit_minor = AmountField(label=_("Deposit of each bidder"), required=False, least_minor=0)
    conditions = text_field(
        _("Conditions for the buyer"), required=False, chars_max=CONDITIONS_CHARS_MAX
    )

    def command(self) -> RoundRequest:
        return RoundRequest(**self.minor_units())


class ConsentForm(MoneyForm):
    floor_minor = AmountField(label=_("Lowest floor that is consented to"))
    proof = DocumentField(label=_("Consent of the approver"), help_text=PDF)


class AgreeForm(forms.Form):
    """Nothing to fill in: the price is the one that the bidder is bound to."""


class RegistrationForm(MoneyForm):
    """A bidder's binding price."""

    offer_minor = AmountField(
        label=_("Your binding price, without tax"),
        help_text=_("At least the floor. It stays secret until the bidding, and binds you."),
    )
    disclosure = text_field(
        _("Your relation to the seller, if there is one"),
        required=False,
        chars_max=REASON_CHARS_MAX,
    )


class RoundBidForm(MoneyForm):
    """A maximum in the bidding."""

    amount_minor = AmountField(
        label=_("Your maximum, without tax"),
        help_text=_("The exchange bids for you, only as much as needed, and never tells anybody."),
    )
