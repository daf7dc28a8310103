"""Profile and organisations: mine, a new one, one with its members, and for which one acts."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from accounts import billing, organisations, people
from accounts.authority import MANAGERS, actor_of
from accounts.countries import country_names
from accounts.invitations import open_invitation
from accounts.models import Invitation, Membership, MembershipRole, Organisation, User
from accounts.refusals import NotAMember
from accounts.sign_in import act_for, acting_membership, memberships_of
from exchange.core import clock
from exchange.web.accounts.forms import (
    BillingForm,
    InvitationForm,
    OrganisationForm,
    ProfileForm,
)
from exchange.web.accounts.sign_in import invitation_path
from exchange.web.pages import own_address, render_page
from exchange.web.submissions import blaming, sent, status_of
from exchange.web.views import form_view, get_view, post_view

MEMBERS_SHOWN_MAX = 500


@dataclass(frozen=True)
class OrganisationsPage:
    """The reader's memberships; `current` is the one that they act by."""

    memberships: tuple[Membership, ...]
    current: Membership | None
    invited_by: str
    invitation_url: str


@dataclass(frozen=True)
class OrganisationFormPage:
    form: OrganisationForm
    public_id: str = ""


@dataclass(frozen=True)
class BillingPage:
    form: BillingForm
    public_id: str
    name: str


@dataclass(frozen=True)
class OrganisationPage:
    """An organisation to one of its members: the others with whether the reader may change them, open
    invitations with whether they have expired."""

    organisation: Organisation
    country: str
    mine: Membership
    may_manage: bool
    members: tuple[tuple[Membership, bool], ...]
    invitations: tuple[tuple[Invitation, bool], ...]
    form: InvitationForm


def person_of(request: HttpRequest) -> User:
    """Who is signed in; views ask for the sign-in first."""
    assert isinstance(request.user, User)  # noqa: S101 - login_required stands before every view
    return request.user


def membership_in(request: HttpRequest, public_id: str) -> Membership:
    """The reader's membership in the organisation of the address, read now. Raises NotAMember."""
    for membership in memberships_of(request):
        if membership.organisation.public_id == public_id:
            return membership
    raise NotAMember(_("There is no such organisation."))


@get_view
def list_organisations(request: HttpRequest) -> HttpResponse:
    """The organisations for which the reader acts."""
    invitation = open_invitation(person_of(request).email, now=clock.now())
    page = OrganisationsPage(
        memberships=tuple(memberships_of(request)),
        current=acting_membership(request),
        invited_by=invitation.organisation.name if invitation else "",
        invitation_url=invitation_path(invitation) if invitation else "",
    )
    return render_page(request, "accounts/organisations.html", page)


@form_view
def create(request: HttpRequest) -> HttpResponse:
    """Register an organisation; the reader is its first owner and acts for it from then on."""
    form = OrganisationForm(sent(request))
    if form.is_valid():
        with blaming(form):
            organisation = organisations.create_organisation(
                profile=form.profile(), owner=person_of(request), now=clock.now()
            )
            act_for(request, organisation)
            messages.success(request, _("The organisation is registered."))
            return redirect("web:organisation", organisation.public_id)
    page = OrganisationFormPage(form=form)
    return render_page(request, "accounts/organisation_form.html", page, status=status_of(form))


@get_view
def show(request: HttpRequest, organisation_id: str) -> HttpResponse:
    """One organisation with its members and open invitations."""
    membership = membership_in(request, organisation_id)
    return show_organisation(request, membership, form=InvitationForm())


def show_organisation(
    request: HttpRequest, membership: Membership, *, form: InvitationForm
) -> HttpResponse:
    """The page of an organisation, with the invitation form as it stands."""
    organisation = membership.organisation
    may_manage = membership.role in MANAGERS
    rows = organisation.memberships.select_related("user").order_by("pk")[:MEMBERS_SHOWN_MAX]
    page = OrganisationPage(
        organisation=organisation,
        country=country_names().get(organisation.country, organisation.country),
        mine=membership,
        may_manage=may_manage,
        members=tuple((row, _may_change(membership, row)) for row in rows),
        invitations=_invitations(organisation) if may_manage else (),
        form=form,
    )
    return render_page(request, "accounts/organisation.html", page, status=status_of(form))


def _may_change(reader: Membership, member: Membership) -> bool:
    if reader.role == MembershipRole.ADMIN:
        return member.role != MembershipRole.OWNER
    return reader.role == MembershipRole.OWNER


def _invitations(organisation: Organisation) -> tuple[tuple[Invitation, bool], ...]:
    now = clock.now()
    rows = Invitation.objects.filter(organisation=organisation, outcome="").order_by("-pk")
    return tuple((row, now >= row.expires_at) for row in rows[:MEMBERS_SHOWN_MAX])


@form_view
def edit(request: HttpRequest, organisation_id: str) -> HttpResponse:
    """Change what the organisation says of itself."""
    membership = membership_in(request, organisation_id)
    organisation = membership.organisation
    form = OrganisationForm(
        sent(request),
        initial={
            "name": organisation.name,
            "kind": organisation.kind,
            "country": organisation.country,
            "credit_code": organisation.credit_code or "",
            "sme": organisation.sme,
        },
    )
    if form.is_valid():
        with blaming(form):
            organisations.change_profile(
                organisation_id=organisation.pk,
                profile=form.profile(),
                actor=actor_of(person_of(request)),
                now=clock.now(),
            )
            messages.success(request, _("Saved."))
            return redirect("web:organisation", organisation_id)
    page = OrganisationFormPage(form=form, public_id=organisation_id)
    return render_page(request, "accounts/organisation_form.html", page, status=status_of(form))


@form_view
def edit_billing(request: HttpRequest, organisation_id: str) -> HttpResponse:
    """Say where the organisation receives invoices."""
    membership = membership_in(request, organisation_id)
    organisation = membership.organisation
    form = BillingForm(sent(request), initial=vars(billing.of(organisation)))
    if form.is_valid():
        with blaming(form):
            billing.change(
                organisation_id=organisation.pk,
                billing=form.billing(),
                actor=actor_of(person_of(request)),
                now=clock.now(),
            )
            messages.success(request, _("Saved. What is issued from now on shows it."))
            return redirect("web:organisation", organisation_id)
    page = BillingPage(form, organisation_id, organisation.name)
    return render_page(request, "accounts/billing.html", page, status=status_of(form))


@post_view
def switch(request: HttpRequest) -> HttpResponse:
    """Act for another organisation from now on."""
    membership = membership_in(request, request.POST.get("organisation", ""))
    act_for(request, membership.organisation)
    otherwise = reverse("web:organisations")
    return redirect(own_address(request, request.POST.get("next", ""), otherwise=otherwise))


@dataclass(frozen=True)
class ProfilePage:
    form: ProfileForm
    email: str


@form_view
def edit_profile(request: HttpRequest) -> HttpResponse:
    """Name and language. The language chosen here counts in this browser at once."""
    person = person_of(request)
    form = ProfileForm(
        sent(request),
        initial={"name": person.name, "language": person.language or get_language()},
    )
    if form.is_valid():
        with blaming(form):
            changed = people.change_profile(user=person, now=clock.now(), **form.cleaned_data)
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
    return render_page(request, "accounts/profile.html", page, status=status_of(form))
