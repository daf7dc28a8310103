"""The console: the admin site for operators and regulators."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from csp.decorators import csp
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.http.response import HttpResponseRedirect
from django.shortcuts import resolve_url
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.dataclasses import SearchResult
from unfold.sites import UnfoldAdminSite

from exchange.console import actors
from exchange.console.access import may_open
from exchange.console.dashboard import overview

# Passwords are changed where everybody changes them; nothing here completes or jumps by content type.
NOT_OURS = {"password_change", "password_change_done", "autocomplete", "view_on_site"}

View = Callable[..., HttpResponseBase]
Finder = Callable[[HttpRequest, str], Iterable[SearchResult]]


class Console(UnfoldAdminSite):  # type: ignore[misc]  # the theme ships no types
    """The admin site under /console/. Rows are changed through use cases only.

    Who is not signed in is sent to the one sign-in page; to everybody else who may not enter, the
    console does not exist.
    """

    final_catch_all_view = False
    index_title: str | Promise = _("Overview")
    index_template = "console/overview.html"
    enable_nav_sidebar = True

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._pages: list[tuple[str, View, str]] = []
        self.finder: Finder = lambda _request, _text: ()

    def page(self, route: str, view: View, *, name: str) -> None:
        """Add a page that belongs to no table."""
        self._pages.append((route, view, name))

    def extra_urls(self) -> list[URLPattern]:
        return [path(route, self.admin_view(view), name=name) for route, view, name in self._pages]

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [url for url in super().get_urls() if getattr(url, "name", None) not in NOT_OURS]

    def search(
        self,
        request: HttpRequest,
        extra_context: Mapping[str, Any] | None = None,  # noqa: ARG002 - Django's signature
    ) -> HttpResponse:
        """What the box of the menu offers: tables by their names, then rows, then all that is found. Nothing of
        it is kept, as the theme would: what has just arrived is found."""
        text = request.GET.get("s", "").strip()
        if not text:
            return HttpResponse()
        tables = self._search_apps(self.get_app_list(request), text.lower())
        link = f"{reverse('console:find')}?{urlencode({'q': text})}"
        every = SearchResult(_("All that is found"), text, link, "search")
        results = [*tables, *self.finder(request, text), every]
        return TemplateResponse(request, "unfold/helpers/search_results.html", {"results": results})

    def has_permission(self, request: HttpRequest) -> bool:
        return may_open(request)

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # noqa: FBT001, FBT002 - Django's signature
        within = csp(settings.CONSOLE_CONTENT_SECURITY_POLICY)(
            super().admin_view(view, cacheable=cacheable)
        )

        def door(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))
            if not self.has_permission(request):
                raise Http404
            actors.begin()
            return within(request, *args, **kwargs)

        return door

    def login(
        self,
        request: HttpRequest,
        extra_context: Mapping[str, Any] | None = None,  # noqa: ARG002 - Django's signature
    ) -> HttpResponse:
        if request.user.is_authenticated and not self.has_permission(request):
            raise Http404
        return HttpResponseRedirect(
            f"{resolve_url(settings.LOGIN_URL)}?next={resolve_url('console:index')}"
        )

    def logout(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        extra_context: Mapping[str, Any] | None = None,  # noqa: ARG002 - Django's signature
    ) -> HttpResponse:
        return HttpResponseRedirect(resolve_url("account_logout"))

    def index(
        self, request: HttpRequest, extra_context: Mapping[str, Any] | None = None
    ) -> HttpResponse:
        shown: HttpResponse = super().index(
            request, {"queues": overview(), **(extra_context or {})}
        )
        return shown


console = Console(name="console")
