"""Forms of a dispute: opening one, and what a side says in it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange.core.chosen import ChoosingForm, only_for
from exchange.core.fields import AmountField, CountField, MoneyForm, text_field
from exchange.core.formatting import day_shown
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.disputes.bill_lines import BillLine
from exchange.disputes.kinds import kinds_for, remedies_for
from exchange.disputes.lifecycle import OfferKind, Remedy
from exchange.disputes.offers import DAYS_MAX
from exchange.orders.queries import Side
from exchange.web.usage.rates import meter_name

# What each kind of offer means, as the side that makes it chooses it.
OFFERS = (
    (OfferKind.REFUND, _("Refund: back the way it was paid, in part or in full")),
    (OfferKind.CREDIT, _("Credit: into the buyer's wallet, in part")),
    (OfferKind.REDELIVER, _("New delivery: the seller's newest revision, with a new inspection")),
    (OfferKind.EXTEND, _("Longer access: the seller keeps the money")),
)


def line_shown(line: BillLine) -> str:
    """A line of a bill in one: its day, how much, of which meter."""
    return f"{day_shown(line.day)} · {line.quantity} {meter_name(line.meter)}"


class DisputeForm(ChoosingForm, MoneyForm):
    """What is wrong, and what is asked for, of what the side may. Nothing is chosen beforehand."""

    stands_when = {"wanted": only_for("remedy", Remedy.PART)}

    kind = forms.ChoiceField(label=_("What is wrong"))
    remedy = forms.ChoiceField(label=_("What you ask for"))
    wanted = AmountField(
        label=_("How much you ask back"),
        error_messages={"required": _("Say how much you ask back.")},
    )
    reason = text_field(
        _("What happened"),
        chars_max=REASON_CHARS_MAX,
        help_text=_("The other side and the exchange read this. Name rows, columns and dates."),
        rows=4,
    )

    line = forms.ChoiceField(
        label=_("Line of the bill"),
        help_text=_("For a dispute about what was counted on one day."),
        required=False,
    )

    def __init__(
        self,
        *args: Any,
        side: Side = Side.BUYER,
        lines: Sequence[BillLine] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._lines = {f"{one.day}/{one.meter}": one for one in lines}
        choose = ("", _("Choose"))
        kinds = [(kind.value, kind.label) for kind in kinds_for(side)]
        remedies = [(remedy.value, remedy.label) for remedy in remedies_for(side)]
        for name, choices in (("kind", kinds), ("remedy", remedies)):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = [choose, *choices]
        if Remedy.PART not in remedies_for(side):
            del self.fields["wanted"]
        if not lines:
            del self.fields["line"]
            return
        whole = ("", _("The bill as a whole"))
        field = self.fields["line"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [whole, *((key, line_shown(one)) for key, one in self._lines.items())]

    def clean(self) -> dict[str, Any]:
        """Adds the line of the bill that is meant."""
        said = super().clean()
        if "line" in said:
            said["line"] = self._lines.get(said["line"])
        return said


class OfferForm(ChoosingForm, MoneyForm):
    """How a side would end the dispute. Nothing is chosen beforehand."""

    stands_when = {
        "refund": only_for("kind", OfferKind.REFUND, OfferKind.CREDIT),
        "days": only_for("kind", OfferKind.EXTEND),
    }

    kind = forms.ChoiceField(label=_("What you offer"), choices=[("", _("Choose")), *OFFERS])
    refund = AmountField(
        label=_("Goes back to the buyer"), help_text=_("The seller keeps the rest.")
    )
    days = CountField(label=_("Days longer"), least=1, most=DAYS_MAX)
    reason = text_field(
        _("Why"),
        chars_max=REASON_CHARS_MAX,
        help_text=_("The other side and the exchange read this."),
        rows=2,
    )


class EvidenceForm(forms.Form):
    """A file to hand in."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "PDF, PNG, JPEG, CSV or text, at most 10 MB. Both sides and the exchange can open it."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg,.csv,.txt"}),
    )


class StatementForm(forms.Form):
    """What a side answers."""

    reason = text_field(
        _("Your answer"),
        chars_max=REASON_CHARS_MAX,
        help_text=_("The other side and the exchange read this. It cannot be changed afterwards."),
        rows=5,
    )
