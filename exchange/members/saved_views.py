"""Views of lists that people keep: each person's own, for the organisation acted for."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from exchange.core.refusals import Invalid, NotFound, Refusal
from exchange.core.use_case import use_case
from exchange.members.actors import Actor, organisation_of, person_of
from exchange.members.models import (
    VIEW_NAME_CHARS_MAX,
    VIEW_QUERY_CHARS_MAX,
    VIEWS_MAX,
    SavedView,
)


class ViewsFull(Refusal):
    """The person keeps as many views of this list as one may; one must go before another comes."""

    code = "views_full"


class ViewNameTaken(Refusal):
    """Another view of this list has the name."""

    code = "view_name_taken"


class ViewRefused(Invalid):
    """A view needs a name, and something that its list is asked for, neither of them too long."""

    code = "view_refused"


def views_of(actor: Actor, list_name: str) -> QuerySet[SavedView]:
    """The actor's views of the list, in their order; none where nobody acts for an organisation."""
    return _own(actor).filter(list_name=list_name).order_by("place")


def view_of(actor: Actor, view_id: str) -> SavedView:
    """The actor's view of that id. Raises NotFound for somebody else's, and for one of the same person that
    was saved for another organisation."""
    view = _own(actor).filter(public_id=view_id).first()
    if view is None:
        raise NotFound(_("There is no such saved view."))
    return view


@use_case()
def save_view(*, actor: Actor, list_name: str, name: str, query: str, now: datetime) -> SavedView:
    """Keep what a list is asked for. Raises ViewRefused, ViewsFull or ViewNameTaken."""
    name = _cleaned(name)
    if not query:
        raise ViewRefused(_("Choose a filter or type a word first; then the view can be saved."))
    if len(query) > VIEW_QUERY_CHARS_MAX:
        raise ViewRefused(_("This asks for too much to be kept. Choose fewer filters."))
    user_id = _lock(actor)
    kept = {view.place: view.name for view in views_of(actor, list_name)}
    _check_free(name, kept.values())
    place = next((one for one in range(1, VIEWS_MAX + 1) if one not in kept), None)
    if place is None:
        raise ViewsFull(
            _("You keep %(limit)d views of this list already. Remove one first.")
            % {"limit": VIEWS_MAX},
            limit=VIEWS_MAX,
        )
    return SavedView.objects.create(
        user_id=user_id,
        organisation_id=organisation_of(actor),
        list_name=list_name,
        place=place,
        name=name,
        query=query,
        at=now,
    )


@use_case()
def rename_view(view_id: str, *, actor: Actor, name: str, now: datetime) -> SavedView:  # noqa: ARG001 - as all use cases
    """Give a view another name. Raises NotFound, ViewRefused or ViewNameTaken."""
    name = _cleaned(name)
    _lock(actor)
    view = view_of(actor, view_id)
    others = views_of(actor, view.list_name).exclude(pk=view.pk)
    _check_free(name, others.values_list("name", flat=True))
    view.name = name
    view.save(update_fields=["name"])
    return view


@use_case()
def remove_view(view_id: str, *, actor: Actor, now: datetime) -> SavedView:  # noqa: ARG001 - as all use cases
    """Forget a view. Raises NotFound."""
    _lock(actor)
    view = view_of(actor, view_id)
    view.delete()
    return view


def _own(actor: Actor) -> QuerySet[SavedView]:
    if actor.user_id is None or actor.organisation_id is None:
        return SavedView.objects.none()
    return SavedView.objects.filter(user_id=actor.user_id, organisation_id=actor.organisation_id)


def _lock(actor: Actor) -> int:
    """One person's changes queue on the person, whose id this is."""
    return User.objects.select_for_update(no_key=True).get(pk=person_of(actor)).pk


def _cleaned(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise ViewRefused(_("Give the view a name."), field="name")
    if len(name) > VIEW_NAME_CHARS_MAX:
        raise ViewRefused(
            _("A name may have at most %(limit)d characters.") % {"limit": VIEW_NAME_CHARS_MAX},
            field="name",
            limit=VIEW_NAME_CHARS_MAX,
        )
    return name


def _check_free(name: str, taken: Iterable[str]) -> None:
    if name in set(taken):
        raise ViewNameTaken(
            _("You have a view “%(name)s” of this list already.") % {"name": name}, field="name"
        )
