"""What a person says of themselves."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.refusals import AccountRefusal
from exchange.flows import accounts_people as flow
from exchange.web.forms.accounts import ProfileForm, blame
from exchange.web.pages import render_page
from exchange.web.views.accounts import FORM_METHODS, person_of


@dataclass(frozen=True)
class ProfilePage:
    form: ProfileForm
    email: str


@login_required
@require_http_methods(FORM_METHODS)
def edit(request: HttpRequest) -> HttpResponse:
    """Name and language. The language chosen here counts in this browser at once."""
    person = person_of(request)
    form = ProfileForm(
        request.POST or None,
        initial={"name": person.name, "language": person.language or get_language()},
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                changed = flow.change_profile(user=person, now=timezone.now(), **form.cleaned_data)
            except AccountRefusal as refusal:
                status = blame(form, refusal)
            else:
                with override(changed.language):
                    messages.success(request, _("Saved."))
                response = redirect("web:profile")
                response.set_cookie(
                    settings.LANGUAGE_COOKIE_NAME,
                    changed.language,
                    secure=request.is_secure(),
                    samesite="Lax",
                )
                return response
    page = ProfilePage(form=form, email=person.email)
    return render_page(request, "accounts/profile.html", page, status=status)
