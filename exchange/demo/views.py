"""One-click sign-in as a persona. The demo settings alone install this door."""

from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.sign_in import act_for
from exchange.demo.personas import shown_people


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
