"""Many products begun at once: a table in CSV or a list in YAML is handed in, and each of its lines answered."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.catalog import sheets
from exchange.catalog.details import refuse
from exchange.catalog.lifecycle import ProductKind
from exchange.catalog.models import Product
from exchange.catalog.sheets import Outcome
from exchange.console.access import actor_of
from exchange.console.acts import sent, themed
from exchange.console.desk.products import may_offer
from exchange.console.desk.site import desk
from exchange.core import clock
from exchange.core.refusals import Refusal


class SheetForm(forms.Form):
    """The table of products."""

    file = forms.FileField(
        label=gettext_lazy("Table in CSV, or list in YAML"),
        help_text=format_lazy(
            gettext_lazy(
                "The first line names the columns: {columns}. “kind” and “title” are needed; the kinds are"
                " {kinds}. Several scenarios or keywords are divided by a semicolon. A line with a price"
                " gets an offer. In YAML each product is an entry of a list with the same names; scenarios and"
                " keywords may be lists."
            ),
            columns=", ".join(sheets.COLUMNS),
            kinds=", ".join(ProductKind.values),
        ),
    )


def bring_in(request: HttpRequest) -> HttpResponse:
    """Read the table and begin a draft of each line; what became of each is shown."""
    if not may_offer(actor_of(request)):
        raise PermissionDenied
    form = SheetForm(sent(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            file = form.cleaned_data["file"]
            lines = sheets.read(_content(file), name=file.name)
            outcomes = sheets.begin_all(lines, actor=actor_of(request), now=clock.now())
        except Refusal as refusal:
            form.add_error("file", str(refusal.message))
        else:
            return _answered(request, outcomes)
    shown = {
        "title": _("Begin products from a table"),
        "sentence": _(
            "Each line becomes a draft, to which you add its data in the editor. What is wrong with a line"
            " is said, and changes nothing for the others. A line whose title you have already begins none."
        ),
        "button": _("Begin drafts"),
        "form": themed(form),
        "back": reverse("desk:catalog_product_changelist"),
    }
    return TemplateResponse(
        request,
        "console/act.html",
        {**desk.each_context(request), **shown},
        status=422 if form.errors else 200,
    )


def _content(upload: Any) -> bytes:
    if (upload.size or 0) > sheets.BYTES_MAX:
        refuse(
            "file",
            _("The table may have at most %(limit)s bytes.") % {"limit": f"{sheets.BYTES_MAX:,}"},
            limit=sheets.BYTES_MAX,
        )
    return bytes(upload.read())


def _answered(request: HttpRequest, outcomes: Iterable[Outcome]) -> HttpResponse:
    listed = list(outcomes)
    rows = [[one.number, one.title, _in_words(one)] for one in listed]
    context = {
        **desk.each_context(request),
        "title": _("Begin products from a table"),
        "begun": sum(one.product is not None for one in listed),
        "total": len(listed),
        "table": {"headers": [_("line"), _("title"), _("outcome")], "rows": rows},
    }
    return TemplateResponse(request, "console/desk/imported.html", context)


def _in_words(outcome: Outcome) -> str | SafeString:
    product: Product | None = outcome.product
    if product is None:
        return outcome.why_not
    address = reverse("desk:sell_data", args=[product.public_id])
    return format_html(
        '<a class="underline" href="{}">{}</a>', address, _("Draft begun: add its data")
    )


desk.page("products/import/", bring_in, name="import_products")
