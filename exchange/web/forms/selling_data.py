"""Forms of the first step of the publish wizard: what it is, how buyers get it, what it consists of."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from exchange.catalog.disclosure import order_obstacle
from exchange.catalog.models import Product
from exchange.catalog.models.products import TITLE_CHARS_MAX, URL_CHARS_MAX
from exchange.catalog.states import Delivery, ProductKind

_COUNTED = re.compile(r"^\s*(\d{1,6})\s*[x×*]\s*(.+)$", re.IGNORECASE)
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


class DeliveryForm(forms.Form):
    """How buyers get it, and where."""

    saves_drafts = True

    delivery = forms.ChoiceField(label=_("How buyers get it"), widget=forms.RadioSelect)
    external_url = forms.CharField(
        label=_("Address for buyers"),
        max_length=URL_CHARS_MAX,
        required=False,
        help_text=_("Documentation of the API, or the place where the data lies: https://…"),
    )

    def __init__(self, *arguments: Any, product: Product, **options: Any) -> None:
        options.setdefault("initial", {})
        options["initial"] = {
            "delivery": product.delivery,
            "external_url": product.external_url,
            **options["initial"],
        }
        super().__init__(*arguments, **options)
        ways = DELIVERIES[ProductKind(product.kind)]
        delivery = self.fields["delivery"]
        if isinstance(delivery, forms.ChoiceField):
            delivery.choices = [(way.value, way.label) for way in ways]
        waiting = [str(way.label) for way in ways if order_obstacle(way) is not None]
        if waiting:
            delivery.help_text = gettext(
                "Listed, but not ordered before the exchange opens its trusted space: %(ways)s."
            ) % {"ways": ", ".join(waiting)}

    def values(self) -> dict[str, object]:
        return dict(self.cleaned_data)


class BundleForm(forms.Form):
    """What a bundle consists of."""

    saves_drafts = True

    products = forms.MultipleChoiceField(
        label=_("Products of yours in it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    equipment = forms.CharField(
        label=_("Equipment and services in it"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line, with its number: 2 × Edge gateway"),
    )

    def __init__(
        self, *arguments: Any, product: Product, own: list[tuple[str, str]], **options: Any
    ) -> None:
        named = [part["product"] for part in product.parts if part["kind"] == "product"]
        things = [part for part in product.parts if part["kind"] == "equipment"]
        options["initial"] = {
            "products": named,
            "equipment": "\n".join(f"{part['count']} × {part['name']}" for part in things),
        }
        super().__init__(*arguments, **options)
        products = self.fields["products"]
        if isinstance(products, forms.MultipleChoiceField):
            products.choices = own

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
