"""One-click sign-in as a persona, and the demo's mailbox. The demo settings alone install these doors."""

from dataclasses import dataclass

from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.sign_in import act_for
from exchange.demo import mailbox
from exchange.demo.mailbox import MAILS_MAX, Mail
from exchange.demo.personas import shown_people
from exchange.web.pages import render_page


@dataclass(frozen=True)
class MailboxPage:
    """The newest mails; `shown_max` says how many are shown at most."""

    mails: tuple[Mail, ...]
    shown_max: int = MAILS_MAX


@dataclass(frozen=True)
class MailPage:
    mail: Mail


@require_POST
def step_into(request: HttpRequest) -> HttpResponse:
    """Sign the visitor in as the persona whose key was posted, and lead to the step they clicked."""
    known = {person.key: person for _house, person in shown_people()}
    person = known.get(request.POST.get("persona", ""))
    if person is None:
        raise Http404
    user = User.objects.get(email=person.email)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    # A visitor may have brought the persona into other organisations, or out of its own.
    own = user.memberships.select_related("organisation").order_by("pk").first()
    if own is not None:
        act_for(request, own.organisation)
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return redirect(wanted if is_ours else "web:home")


@require_safe
def show_mailbox(request: HttpRequest) -> HttpResponse:
    """All mails that the demo wrote, to whomever: invitations, confirmations, new passwords, notices."""
    return render_page(request, "demo/mailbox.html", MailboxPage(tuple(mailbox.newest())))


@require_safe
def show_mail(request: HttpRequest, name: str) -> HttpResponse:
    """One mail, with its links."""
    mail = mailbox.mail_named(name)
    if mail is None:
        raise Http404
    return render_page(request, "demo/mail.html", MailPage(mail))
