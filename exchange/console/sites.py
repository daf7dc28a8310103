"""The admin sites: what they have in common, and the console, that of operators and regulators."""

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
from exchange.console.access import actor_of
from exchange.console.dashboard import Queue, overview
from exchange.members import policy
from exchange.members.permissions import Permission

# Passwords are changed where everybody changes them; nothing here completes or jumps by content type.
NOT_OURS = {"password_change", "password_change_done", "autocomplete", "view_on_site"}

View = Callable[..., HttpResponseBase]
Finder = Callable[[HttpRequest, str], Iterable[SearchResult]]


class Site(UnfoldAdminSite):  # type: ignore[misc]  # the theme ships no types
    """An admin site. Rows are changed through use cases only.

    Who is not signed in is sent to the one sign-in page; to everybody else without the permission
    `opens`, the site does not exist. `changes` is asked before a page that changes something; the act
    itself asks for its own.
    """

    opens: Permission
    changes: Permission
    # What stands in the box of the search.
    find_words: str | Promise
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

    def find_url(self) -> str:
        """Where everything that is found is shown; it is asked with `q`."""
        raise NotImplementedError

    def waiting(self, request: HttpRequest) -> list[Queue]:
        """What waits for the reader: the tiles of the first page."""
        raise NotImplementedError

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        shared: dict[str, Any] = super().each_context(request)
        return {**shared, "find_url": self.find_url(), "find_words": self.find_words}

    def search(
        self,
        request: HttpRequest,
        extra_context: Mapping[str, Any] | None = None,  # noqa: ARG002 - Django's signature
    ) -> HttpResponse:
        """What the box of the menu offers: pages as the menu calls them, tables by their names, then rows, then
        all that is found. Nothing of it is kept, as the theme would: what has just arrived is found."""
        text = request.GET.get("s", "").strip()
        if not text:
            return HttpResponse()
        pages = self._pages_of_menu(request, text.lower())
        known = {one.link for one in pages}
        tables = self._search_apps(self.get_app_list(request), text.lower())
        link = f"{self.find_url()}?{urlencode({'q': text})}"
        every = SearchResult(_("All that is found"), text, link, "search")
        results = [
            *pages,
            *(one for one in tables if one.link not in known),
            *self.finder(request, text),
            every,
        ]
        return TemplateResponse(request, "unfold/helpers/search_results.html", {"results": results})

    def _pages_of_menu(self, request: HttpRequest, text: str) -> list[SearchResult]:
        """Those whose title, or one of the other words for it, has the text."""
        return [
            SearchResult(str(item["title"]), str(group.get("title", "")), str(item["link"]), "tag")
            for group in self.get_sidebar_list(request)
            for item in group["items"]
            if item.get("has_permission", True)
            and text in f"{item['title']}, {item.get('words', '')}".lower()
        ]

    def has_permission(self, request: HttpRequest) -> bool:
        return policy.allowed(actor_of(request), self.opens).allowed

    def may_change(self, request: HttpRequest) -> bool:
        """Whether pages that change something are for this reader."""
        return policy.allowed(actor_of(request), self.changes).allowed

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
            f"{resolve_url(settings.LOGIN_URL)}?next={resolve_url(f'{self.name}:index')}"
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
            request, {"queues": self.waiting(request), **(extra_context or {})}
        )
        return shown


class Console(Site):
    """The admin site under /console/, for operators and regulators by policy alone: roles are given and
    taken with a record, while Django's own flag for staff would be a second authority that leaves none."""

    opens = Permission.CONSOLE_OPEN
    changes = Permission.CONSOLE_CHANGE
    find_words = _("Number, name, amount or reference")

    def find_url(self) -> str:
        return reverse("console:find")

    def waiting(self, request: HttpRequest) -> list[Queue]:  # noqa: ARG002 - the same for all of them
        return overview()


console = Console(name="console")
