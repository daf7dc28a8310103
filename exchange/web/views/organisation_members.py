"""A member's role, and parting."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actions.memberships import NoSuchMember
from accounts.models import ApiKey, Membership
from accounts.queries.authority import actor_of
from accounts.refusals import AccountRefusal
from exchange.flows import accounts_organisations as flow
from exchange.web.forms.accounts import RoleForm, blame
from exchange.web.pages import render_page
from exchange.web.views.accounts import FORM_METHODS, membership_in, person_of


@dataclass(frozen=True)
class RolePage:
    form: RoleForm
    public_id: str
    organisation: str
    member: str
    member_id: str


@dataclass(frozen=True)
class RemovePage:
    public_id: str
    organisation: str
    member: str
    member_id: str
    is_me: bool
    key_count: int


def _member(here: Membership, member_id: str) -> Membership:
    found = (
        Membership.objects.filter(organisation=here.organisation, user__public_id=member_id)
        .select_related("user")
        .first()
    )
    if found is None:
        raise NoSuchMember(_("This person is not a member of the organisation."))
    return found


@login_required
@require_http_methods(FORM_METHODS)
def change_role(request: HttpRequest, organisation_id: str, member_id: str) -> HttpResponse:
    """Give a member another role."""
    here = membership_in(request, organisation_id)
    member = _member(here, member_id)
    form = RoleForm(request.POST or None, initial={"role": member.role})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                flow.change_role(
                    organisation_id=here.organisation_id,
                    user_id=member.user_id,
                    role=form.cleaned_data["role"],
                    actor=actor_of(person_of(request)),
                    now=timezone.now(),
                )
            except AccountRefusal as refusal:
                status = blame(form, refusal)
            else:
                messages.success(request, _("The role is changed."))
                return redirect("web:organisation", organisation_id)
    page = RolePage(
        form=form,
        public_id=organisation_id,
        organisation=here.organisation.name,
        member=str(member.user),
        member_id=member_id,
    )
    return render_page(request, "accounts/member_role.html", page, status=status)


@login_required
@require_http_methods(FORM_METHODS)
def remove(request: HttpRequest, organisation_id: str, member_id: str) -> HttpResponse:
    """Say what removal means, then do it; or leave oneself."""
    here = membership_in(request, organisation_id)
    member = _member(here, member_id)
    is_me = member.user_id == request.user.pk
    if request.method == "POST":
        flow.remove_member(
            organisation_id=here.organisation_id,
            user_id=member.user_id,
            actor=actor_of(person_of(request)),
            now=timezone.now(),
        )
        if is_me:
            messages.success(request, _("You no longer act for this organisation."))
            return redirect("web:organisations")
        messages.success(request, _("The member is removed."))
        return redirect("web:organisation", organisation_id)
    keys = ApiKey.objects.filter(
        organisation=here.organisation, created_by=member.user, revoked_at=None
    )
    page = RemovePage(
        public_id=organisation_id,
        organisation=here.organisation.name,
        member=str(member.user),
        member_id=member_id,
        is_me=is_me,
        key_count=keys.count(),
    )
    return render_page(request, "accounts/member_remove.html", page)
