"""Views of lists that a person keeps: the chips over each table, and the pages that save, rename and remove one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.apps import apps
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.console.access import actor_of
from exchange.console.acts import EmptyForm, sent, themed
from exchange.console.sites import Site
from exchange.core import clock
from exchange.core.refusals import Refusal
from exchange.members import saved_views
from exchange.members.models import VIEW_NAME_CHARS_MAX, VIEW_QUERY_CHARS_MAX, VIEWS_MAX, SavedView

# Where in a list one is, not what it is asked for.
NOT_KEPT = frozenset({"p", "e", "all", "_popup", "_facets", "_changelist_filters"})


class NameForm(forms.Form):
    """What a view is called."""

    name = forms.CharField(
        label=gettext_lazy("Name of the view"),
        max_length=VIEW_NAME_CHARS_MAX,
        help_text=gettext_lazy("Only you see it."),
    )


class ViewForm(NameForm):
    """The same for a new one, with the list and what is asked of it."""

    table = forms.CharField(widget=forms.HiddenInput)
    query = forms.CharField(
        widget=forms.HiddenInput, max_length=VIEW_QUERY_CHARS_MAX, required=False
    )


@dataclass(frozen=True)
class Chip:
    """A view over its list, and its pages."""

    name: str
    url: str
    is_current: bool
    rename_url: str
    remove_url: str


@dataclass(frozen=True)
class Bar:
    """What stands over a list: the whole list, its views, and whether what is asked now may be saved."""

    whole_url: str
    table: str
    query: str
    chips: tuple[Chip, ...]
    save_url: str
    is_full: bool

    @property
    def current(self) -> Chip | None:
        """The view that is shown."""
        return next((chip for chip in self.chips if chip.is_current), None)


def asked_of(params: QueryDict) -> str:
    """What a list is asked for, always in the same order, so that two askings can be compared."""
    kept = [
        (name, value)
        for name, values in params.lists()
        for value in values
        if value and name not in NOT_KEPT
    ]
    return urlencode(sorted(kept))


def bar_of(request: HttpRequest, site: Site, label: str, *, address: str) -> Bar:
    """The bar over the list of the model `label` at `address`."""
    query = asked_of(request.GET)
    views = saved_views.views_of(actor_of(request), _list_name(site, label))
    chips = tuple(
        Chip(
            name=view.name,
            url=f"{address}?{view.query}",
            is_current=view.query == query,
            rename_url=reverse(f"{site.name}:view_rename", args=[view.public_id]),
            remove_url=reverse(f"{site.name}:view_remove", args=[view.public_id]),
        )
        for view in views
    )
    return Bar(
        whole_url=address,
        table=label,
        query=query,
        chips=chips,
        save_url=reverse(f"{site.name}:view_save"),
        is_full=len(chips) >= VIEWS_MAX,
    )


def keep_views_in(site: Site) -> None:
    """Give the site the pages that save, rename and remove a view."""
    site.page("views/", lambda request: _save(request, site), name="view_save")
    site.page(
        "views/<str:view_id>/rename/",
        lambda request, view_id: _rename(request, site, view_id),
        name="view_rename",
    )
    site.page(
        "views/<str:view_id>/remove/",
        lambda request, view_id: _remove(request, site, view_id),
        name="view_remove",
    )


def _save(request: HttpRequest, site: Site) -> HttpResponse:
    """Name what a list is asked for; the list's own form posts here."""
    form = ViewForm(sent(request), initial=request.GET.dict())
    asked = request.POST or request.GET
    label = asked.get("table", "")
    address = _address(request, site, label)
    query = asked_of(QueryDict(asked.get("query", "")))
    return _answer(
        request, site, form,
        title=_("Save this view"),
        sentence=_("The list as it is filtered, searched and dated now, to be opened again by its name."),
        back=f"{address}?{query}",
        perform=lambda given: saved_views.save_view(
            actor=actor_of(request), list_name=_list_name(site, label), name=given["name"],
            query=query, now=clock.now(),
        ),
    )  # fmt: skip


def _rename(request: HttpRequest, site: Site, view_id: str) -> HttpResponse:
    view = _view(request, site, view_id)
    return _answer(
        request, site, NameForm(sent(request), initial={"name": view.name}),
        title=_("Rename this view"),
        sentence=view.name,
        back=f"{_address(request, site, _label(view))}?{view.query}",
        perform=lambda given: saved_views.rename_view(
            view_id, actor=actor_of(request), name=given["name"], now=clock.now()
        ),
    )  # fmt: skip


def _remove(request: HttpRequest, site: Site, view_id: str) -> HttpResponse:
    view = _view(request, site, view_id)
    form = EmptyForm(request.POST if request.method == "POST" else None)
    address = _address(request, site, _label(view))
    return _answer(
        request, site, form,
        title=_("Remove this view"),
        sentence=_("“%(name)s” is no longer over the list. The list's rows stay as they are.")
        % {"name": view.name},
        back=address,
        perform=lambda _given: saved_views.remove_view(
            view_id, actor=actor_of(request), now=clock.now()
        ),
    )  # fmt: skip


def _answer(
    request: HttpRequest,
    site: Site,
    form: forms.Form,
    *,
    title: str,
    sentence: str | Promise,
    back: str,
    perform: Callable[[dict[str, Any]], object],
) -> HttpResponse:
    """Do it and go back to the list; or the form, with the sentence at its field. Whoever looks may keep
    views, so nothing but the site's own door is asked."""
    if request.method == "POST" and form.is_valid():
        try:
            perform(form.cleaned_data)
        except Refusal as refusal:
            named = str(refusal.facts.get("field"))
            form.add_error(named if named in form.fields else None, str(refusal))
        else:
            messages.success(request, _("%(act)s: done.") % {"act": title})
            return HttpResponseRedirect(back)
    shown = {"title": title, "sentence": sentence, "button": title, "form": themed(form)}
    return TemplateResponse(
        request,
        "console/act.html",
        {**site.each_context(request), **shown, "back": back},
        status=422 if form.errors else 200,
    )


def _view(request: HttpRequest, site: Site, view_id: str) -> SavedView:
    """The reader's view of a list of this site. Raises NotFound, or Http404 for one of another site."""
    view = saved_views.view_of(actor_of(request), view_id)
    if not view.list_name.startswith(f"{site.name}:"):
        raise Http404
    return view


def _label(view: SavedView) -> str:
    return view.list_name.partition(":")[2]


def _list_name(site: Site, label: str) -> str:
    return f"{site.name}:{label}"


def _address(request: HttpRequest, site: Site, label: str) -> str:
    """The list's address. Raises Http404 where the site has none, or none for this reader."""
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):
        raise Http404 from None
    if not site.is_registered(model):
        raise Http404
    table = site.get_model_admin(model)
    if not table.has_view_permission(request):
        raise Http404
    address: str = table.address()
    return address
