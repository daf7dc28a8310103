"""Forms of admission and of the team's roles."""

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange.core.fields import ReasonForm, text_field
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.members.lifecycle import DocumentKind
from exchange.members.models import NAME_CHARS_MAX, SIZE_BYTES_MAX
from exchange.members.roles import Kind, Role


class ApplyForm(forms.Form):
    """What the organisation wants to be at the exchange, and who stands for it in law."""

    kinds = forms.MultipleChoiceField(
        label=_("Apply to take part as"),
        choices=[(kind.value, kind.label) for kind in Kind if kind != Kind.EXCHANGE_OPERATOR],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose all that apply. The exchange decides on each of them."),
    )
    legal_person = forms.CharField(
        label=_("Legal person"),
        max_length=NAME_CHARS_MAX,
        help_text=_("The name of the legal representative as the register shows it."),
    )

    def chosen(self) -> list[Kind]:
        return [Kind(kind) for kind in self.cleaned_data["kinds"]]


class DocumentForm(forms.Form):
    """One document to hand in."""

    kind = forms.ChoiceField(label=_("What it shows"), choices=DocumentKind.choices)
    file = forms.FileField(
        label=_("File"),
        help_text=_("PDF, PNG or JPEG, at most 10 MB. Only you and the exchange can open it."),
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}),
    )

    def clean_file(self) -> object:
        file = self.cleaned_data["file"]
        if file.size > SIZE_BYTES_MAX:
            raise forms.ValidationError(_("The file is larger than 10 MB."))
        return file


class AnswerForm(ReasonForm):
    """What the organisation answers when the exchange asked for more."""

    reason = text_field(
        _("Your answer"),
        chars_max=REASON_CHARS_MAX,
        help_text=_("Hand in the documents first, then send your answer."),
    )


class GrantForm(ReasonForm):
    """A role for a person of the organisation."""

    user = forms.CharField(max_length=40)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
