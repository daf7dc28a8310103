"""Forms of a product: what it is, its rights and licence, its files and dictionary."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from exchange.catalog.choices import (
    CUSTOM,
    INDUSTRIES,
    LICENCE_TEMPLATES,
    NEVER_ALLOWED,
    RHYTHMS,
    RIGHTS,
    region_choices,
)
from exchange.catalog.disclosure import order_obstacle
from exchange.catalog.lifecycle import (
    AT_AN_ADDRESS,
    Delivery,
    Grade,
    ProductKind,
    RefundPolicy,
)
from exchange.catalog.models import Product
from exchange.catalog.models.products import (
    STATEMENT_CHARS_MAX,
    SUMMARY_CHARS_MAX,
    TEXT_CHARS_MAX,
    TITLE_CHARS_MAX,
    URL_CHARS_MAX,
)
from exchange.core.chosen import ChoosingForm, only_for
from exchange.core.fields import text_field

NOTHING = ("", "—")
# How each kind may be delivered; the first is the usual way.
DELIVERIES = {
    ProductKind.DATASET: (Delivery.FILE, Delivery.SANDBOX, Delivery.EXTERNAL),
    ProductKind.API: (Delivery.API,),
    ProductKind.REPORT: (Delivery.FILE, Delivery.EXTERNAL),
    ProductKind.MODEL: (Delivery.FILE, Delivery.API, Delivery.EXTERNAL),
    ProductKind.PORTRAIT: (Delivery.API, Delivery.FILE),
    ProductKind.SERVICE: (Delivery.SERVICE,),
    ProductKind.BUNDLE: (Delivery.SERVICE,),
}


ENDINGS = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".xlsx", ".parquet", ".gz", ".zip")
_SEPARATORS = re.compile(r"[\n,;，；、]+")


class DraftForm(ChoosingForm):
    """Says something of a product, and begins with what is said of it. Two of them may be one form."""

    saves_drafts = True

    def __init__(self, *arguments: Any, product: Product, **options: Any) -> None:
        self.product = product
        options["initial"] = {**self.stored(), **options.get("initial", {})}
        super().__init__(*arguments, **options)

    def stored(self) -> dict[str, Any]:
        """What each field begins with."""
        return {}

    def values(self) -> dict[str, object]:
        """What the product is changed to, by its fields."""
        return {}


class AboutForm(DraftForm):
    """What it is, for whom, and how it is found."""

    title = forms.CharField(label=_("Title"), max_length=TITLE_CHARS_MAX, required=False)
    title_zh = forms.CharField(label=_("Chinese title"), max_length=TITLE_CHARS_MAX, required=False)
    summary = text_field(
        _("Summary"),
        chars_max=SUMMARY_CHARS_MAX,
        rows=2,
        required=False,
        help_text=_("One or two sentences. Buyers see them in every list."),
    )
    summary_zh = text_field(
        _("Chinese summary"), chars_max=SUMMARY_CHARS_MAX, rows=2, required=False
    )
    scenarios = text_field(
        _("Scenarios"),
        required=False,
        help_text=_("Who uses it for what? One scenario a line. Nothing is listed without one."),
    )
    description = text_field(
        _("Description"),
        chars_max=TEXT_CHARS_MAX,
        rows=8,
        required=False,
        help_text=_(
            "Lines that begin with # are headings, with - lists; **bold**, *italic* and"
            " [links](https://example.org) are shown as such. Below you see it once it is saved."
        ),
    )
    description_zh = text_field(
        _("Chinese description"), chars_max=TEXT_CHARS_MAX, rows=4, required=False
    )
    industry = forms.ChoiceField(
        label=_("Industry"), choices=[NOTHING, *INDUSTRIES.items()], required=False
    )
    region = forms.ChoiceField(
        label=_("Region"), choices=lambda: [NOTHING, *region_choices()], required=False
    )
    rhythm = forms.ChoiceField(
        label=_("How often it is updated"), choices=[NOTHING, *RHYTHMS.items()], required=False
    )
    keywords = forms.CharField(
        label=_("Keywords"), required=False, help_text=_("Separated by commas.")
    )
    contact = forms.CharField(
        label=_("Contact for buyers"),
        max_length=TITLE_CHARS_MAX,
        required=False,
        help_text=_("A name of a desk, a mail address or a telephone number. Everybody sees it."),
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        region, stored = self.fields["region"], self.product.region
        known = {code for code, _label in region_choices()}
        if isinstance(region, forms.ChoiceField) and stored not in {"", *known}:
            region.choices = [NOTHING, (stored, stored), *region_choices()]

    def stored(self) -> dict[str, Any]:
        product = self.product
        return {
            **{name: getattr(product, name) for name in self.base_fields},
            "scenarios": "\n".join(map(str, product.scenarios)),
            "keywords": ", ".join(product.keywords),
        }

    def values(self) -> dict[str, object]:
        said = dict(self.cleaned_data)
        said["scenarios"] = [line for line in said["scenarios"].splitlines() if line.strip()]
        said["keywords"] = [word for word in _SEPARATORS.split(said["keywords"]) if word.strip()]
        return said


class LicenceForm(DraftForm):
    """What buyers may do with it, and when they get their money back."""

    stands_when = {"allowed": only_for("template", CUSTOM)}

    template = forms.ChoiceField(
        label=_("Licence"),
        choices=[(code, row["label"]) for code, row in LICENCE_TEMPLATES.items()],
        widget=forms.RadioSelect,
        required=False,
    )
    allowed = forms.MultipleChoiceField(
        label=_("Buyers may"),
        choices=[(code, label) for code, label in RIGHTS.items() if code not in NEVER_ALLOWED],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("What is not ticked they may not do."),
    )
    attribution = forms.BooleanField(label=_("Buyers have to name the source"), required=False)
    text = text_field(_("Further terms"), chars_max=STATEMENT_CHARS_MAX, required=False)
    refund_policy = forms.ChoiceField(
        label=_("Refund"),
        choices=RefundPolicy.choices,
        widget=forms.RadioSelect,
        required=False,
    )

    def stored(self) -> dict[str, Any]:
        licence = self.product.licence
        return {
            **super().stored(),
            "template": licence.get("template", ""),
            "allowed": licence.get("allowed", ["internal_use"]),
            "attribution": licence.get("attribution", False),
            "text": licence.get("text", ""),
            "refund_policy": self.product.refund_policy,
        }

    def values(self) -> dict[str, object]:
        refund = self.cleaned_data["refund_policy"]
        return {**super().values(), "licence": self._licence(), "refund_policy": refund}

    def _licence(self) -> dict[str, object]:
        said = self.cleaned_data
        template = said["template"]
        if not template:
            return {}
        row = LICENCE_TEMPLATES[template]
        chosen = said["allowed"] if template == CUSTOM else row["allowed"]
        allowed = {str(code) for code in chosen} if isinstance(chosen, (list, tuple)) else set()
        return {
            "template": template,
            "allowed": sorted(allowed),
            "forbidden": sorted(set(RIGHTS) - allowed),
            "attribution": bool(said["attribution"] or row["attribution"]),
            "text": said["text"],
        }


class StatementsForm(DraftForm):
    """What the data is in law, as its seller states it."""

    source_statement = text_field(
        _("Where the data comes from"),
        chars_max=STATEMENT_CHARS_MAX,
        required=False,
        help_text=_("Who collected it, how, and on which right you offer it."),
    )
    grade = forms.ChoiceField(
        label=_("Grade"),
        choices=[NOTHING, *Grade.choices],
        required=False,
        help_text=_("GB/T 43697: what harm it does when it leaks or is changed."),
    )
    personal_statement = text_field(
        _("Statement on personal data"),
        chars_max=STATEMENT_CHARS_MAX,
        required=False,
        help_text=_("Needed when a column is personal: on which consent or basis it is offered."),
    )

    def stored(self) -> dict[str, Any]:
        stated = {name: getattr(self.product, name) for name in StatementsForm.base_fields}
        return {**super().stored(), **stated}

    def values(self) -> dict[str, object]:
        stated = {name: self.cleaned_data[name] for name in StatementsForm.base_fields}
        return {**super().values(), **stated}


class RightsForm(StatementsForm, LicenceForm):
    """Licence and statements, as one step of the wizard; fields of the last base come first."""


_COUNTED = re.compile(r"^\s*(\d{1,6})\s*[x×*]\s*(.+)$", re.IGNORECASE)


class KindForm(forms.Form):
    """What is to be sold."""

    kind = forms.ChoiceField(
        label=_("What do you offer?"),
        choices=ProductKind.choices,
        widget=forms.RadioSelect,
        initial=ProductKind.DATASET,
    )
    title = forms.CharField(
        label=_("Title"),
        max_length=TITLE_CHARS_MAX,
        required=False,
        help_text=_("You can change it until you submit."),
    )


class DeliveryForm(DraftForm):
    """How buyers get it, and where."""

    stands_when = {"external_url": only_for("delivery", *AT_AN_ADDRESS)}

    delivery = forms.ChoiceField(label=_("How buyers get it"), widget=forms.RadioSelect)
    external_url = forms.CharField(
        label=_("Address for buyers"),
        max_length=URL_CHARS_MAX,
        required=False,
        help_text=_("Documentation of the API, or the place where the data lies: https://…"),
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        ways = DELIVERIES[ProductKind(self.product.kind)]
        delivery = self.fields["delivery"]
        if isinstance(delivery, forms.ChoiceField):
            delivery.choices = [(way.value, way.label) for way in ways]
        waiting = [str(way.label) for way in ways if order_obstacle(way) is not None]
        if waiting:
            delivery.help_text = gettext(
                "Listed, but not ordered before the exchange opens its trusted space: %(ways)s."
            ) % {"ways": ", ".join(waiting)}

    def stored(self) -> dict[str, Any]:
        given = {name: getattr(self.product, name) for name in DeliveryForm.base_fields}
        return {**super().stored(), **given}

    def values(self) -> dict[str, object]:
        given = {name: self.cleaned_data[name] for name in DeliveryForm.base_fields}
        return {**super().values(), **given}


class TermsForm(DeliveryForm, LicenceForm):
    """Licence and delivery, as one tab of the desk; fields of the last base come first."""


class BundleForm(DraftForm):
    """What a bundle consists of."""

    products = forms.MultipleChoiceField(
        label=_("Products of yours in it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    equipment = text_field(
        _("Equipment and services in it"),
        rows=4,
        required=False,
        help_text=_("One a line, with its number: 2 × Edge gateway"),
    )

    def __init__(self, *arguments: Any, own: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        products = self.fields["products"]
        if isinstance(products, forms.MultipleChoiceField):
            products.choices = own

    def stored(self) -> dict[str, Any]:
        parts = self.product.parts
        things = [part for part in parts if part["kind"] == "equipment"]
        return {
            "products": [part["product"] for part in parts if part["kind"] == "product"],
            "equipment": "\n".join(f"{part['count']} × {part['name']}" for part in things),
        }

    def values(self) -> dict[str, object]:
        said = self.cleaned_data
        lines = [line.strip() for line in said["equipment"].splitlines() if line.strip()]
        parts: list[dict[str, object]] = [{"product": one, "count": 1} for one in said["products"]]
        for line in lines:
            counted = _COUNTED.match(line)
            parts.append(
                {"name": counted[2].strip(), "count": int(counted[1])}
                if counted
                else {"name": line, "count": 1}
            )
        return {"parts": parts}


class FileForm(forms.Form):
    """One file. What it holds is found out by reading it, not by its name."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "CSV and other text, JSON, Excel, Parquet, SQLite or a shapefile; gzip or zip around it is fine."
        ),
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["file"].widget.attrs["accept"] = ",".join(ENDINGS)
