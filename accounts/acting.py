"""For which organisation a signed-in person acts. The session only remembers a choice; whether the
person is still a member is asked at every request."""

from django.http import HttpRequest

from accounts.models import Membership, Organisation

SESSION_KEY = "acting_for"


def act_for(request: HttpRequest, organisation: Organisation) -> None:
    """Remember the choice."""
    request.session[SESSION_KEY] = organisation.public_id


def memberships_of(request: HttpRequest) -> list[Membership]:
    """The memberships of who is signed in, by the organisation's name; asked once per request."""
    found: list[Membership] | None = getattr(request, "own_memberships", None)
    if found is None:
        found = []
        if request.user.is_authenticated:
            found = list(
                Membership.objects.filter(user_id=request.user.pk)
                .select_related("organisation")
                .order_by("organisation__name", "pk")
            )
        request.own_memberships = found  # type: ignore[attr-defined]  # kept for this request alone
    return found


def acting_membership(request: HttpRequest) -> Membership | None:
    """The membership acted in: the one chosen, or the only one. None when neither exists.

    Who was removed from the chosen organisation acts for none until they choose again: their next
    write must not land in another organisation by surprise.
    """
    memberships = memberships_of(request)
    chosen = request.session.get(SESSION_KEY)
    if chosen is not None:
        return next((one for one in memberships if one.organisation.public_id == chosen), None)
    return memberships[0] if len(memberships) == 1 else None
