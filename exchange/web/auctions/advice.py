"""Which kind of auction fits: three questions, and the table of their answers."""

from collections.abc import Mapping
from dataclasses import dataclass

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exchange.auctions.lifecycle import Kind
from exchange.web.auctions.labels import KINDS

LICENCES = (
    ("one", _("One")),
    ("several", _("Several, and I know how many")),
    ("bids", _("As many as the bids make worth while")),
)
SEEN = (
    ("open", _("Yes: they see what others would pay")),
    ("sealed", _("No: bids stay sealed until the close")),
)
AIMS = (
    ("revenue", _("As much revenue as the bids allow")),
    ("speed", _("A sale as soon as possible")),
    ("simple", _("Rules that every bidder understands at once")),
)
Row = tuple[Kind, Kind, "str | Promise"]

OUTBID = _(
    "Who sees that others want the data goes on bidding: with two bidders or more this usually brings most."
)
FALLS = _("The first who accepts ends it, which may be minutes after it opened.")
SAFE = _("It is safe to bid what the data is worth, so that nobody has to guess what others bid.")
OWN_BID = _("The winner pays its whole bid, and who fears to lose bids higher.")
ONE_PRICE = _("All winners pay the same price: one sentence explains it, and one clearing ends it.")
# By how many licences, whether bidders see each other's price, and what counts most: the kind that fits,
# the next best, and why the first one.
ADVICE: Mapping[tuple[str, str, str], Row] = {
    ("one", "open", "revenue"): (Kind.ENGLISH, Kind.DUTCH, OUTBID),
    ("one", "open", "speed"): (Kind.DUTCH, Kind.ENGLISH, FALLS),
    ("one", "open", "simple"): (
        Kind.ENGLISH, Kind.SECOND_PRICE,
        _("Everybody knows rising bids; the exchange bids for those who cannot watch."),
    ),
    ("one", "sealed", "revenue"): (Kind.FIRST_PRICE, Kind.SECOND_PRICE, OWN_BID),
    ("one", "sealed", "speed"): (
        Kind.SECOND_PRICE, Kind.FIRST_PRICE,
        _("Each bids once and has nothing to wait for, so that the time for bids can be short."),
    ),
    ("one", "sealed", "simple"): (Kind.SECOND_PRICE, Kind.FIRST_PRICE, SAFE),
    ("several", "open", "revenue"): (
        Kind.CLINCHING, Kind.DUTCH,
        _("The clock rises as long as more are wanted than there are, as rising bids do for one licence."),
    ),
    ("several", "open", "speed"): (
        Kind.DUTCH, Kind.UNIFORM_PRICE,
        _("Each licence is sold when somebody accepts the price of that moment; the rest go on falling."),
    ),
    ("several", "open", "simple"): (
        Kind.DUTCH, Kind.CLINCHING,
        _("One price is seen by all, and to accept it is all that a bidder does."),
    ),
    ("several", "sealed", "revenue"): (Kind.DISCRIMINATORY, Kind.UNIFORM_PRICE, OWN_BID),
    ("several", "sealed", "speed"): (Kind.UNIFORM_PRICE, Kind.DISCRIMINATORY, ONE_PRICE),
    ("several", "sealed", "simple"): (Kind.UNIFORM_PRICE, Kind.MULTIUNIT_VICKREY, ONE_PRICE),
    ("bids", "open", "revenue"): (
        Kind.LICENCES, Kind.OPTIMAL_SINGLE_PRICE,
        _("Bids for an exclusive licence stand against bids for a shared one, and what brings more wins."
          " No kind of this sort shows the bids."),
    ),
    ("bids", "open", "speed"): (Kind.DUTCH, Kind.OPTIMAL_SINGLE_PRICE, FALLS),
    ("bids", "open", "simple"): (
        Kind.DUTCH, Kind.OPTIMAL_SINGLE_PRICE,
        _("One price is seen by all; offer many licences, and it falls until too few accept."),
    ),
    ("bids", "sealed", "revenue"): (
        Kind.OPTIMAL_SINGLE_PRICE, Kind.LICENCES,
        _("Data can be sold to everybody who pays: the one price that earns most is computed from all bids."),
    ),
    ("bids", "sealed", "speed"): (Kind.OPTIMAL_SINGLE_PRICE, Kind.RANDOM_SAMPLING, ONE_PRICE),
    ("bids", "sealed", "simple"): (
        Kind.OPTIMAL_SINGLE_PRICE, Kind.DETERMINISTIC_OPTIMAL_PRICE, ONE_PRICE,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Advised:
    """A kind with what it is in a sentence."""

    kind: Kind
    sentence: str


@dataclass(frozen=True)
class Advice:
    """The kind that fits, why, and the next best."""

    best: Advised
    reason: str
    next_best: Advised


class AdviceForm(forms.Form):
    """The three questions. They are asked in the address, so that the answer can be sent on."""

    licences = forms.ChoiceField(
        label=_("How many licences do you sell?"), choices=LICENCES, widget=forms.RadioSelect
    )
    seen = forms.ChoiceField(
        label=_("May bidders see each other's price?"), choices=SEEN, widget=forms.RadioSelect
    )
    aim = forms.ChoiceField(label=_("What counts most?"), choices=AIMS, widget=forms.RadioSelect)

    def advice(self) -> Advice | None:
        """None until all three are answered."""
        if not self.is_bound or not self.is_valid():
            return None
        said = self.cleaned_data
        best, next_best, reason = ADVICE[said["licences"], said["seen"], said["aim"]]
        return Advice(_advised(best), str(reason), _advised(next_best))


def asked(query: QueryDict) -> AdviceForm:
    """The form as it was answered in the address, or empty."""
    is_sent = any(name in query for name in AdviceForm.base_fields)
    return AdviceForm(query if is_sent else None)


def _advised(kind: Kind) -> Advised:
    return Advised(kind, str(KINDS[kind]))
