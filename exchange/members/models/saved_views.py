"""Lists as people look at them, kept under a name."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import Organisation, User

VIEW_NAME_CHARS_MAX = 60
VIEW_LIST_CHARS_MAX = 80
VIEW_QUERY_CHARS_MAX = 1000
VIEWS_MAX = 20


class SavedView(models.Model):
    """What one person asked a list for, acting for one organisation: filters, words, dates and order, as its
    address has them. `place` is the person's place for it among those of the list, from 1 to VIEWS_MAX,
    so that the database keeps the limit.
    """

    public_id = PublicIdField(prefix="vew")
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, verbose_name=_("person"), related_name="saved_views"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, verbose_name=_("organisation"), related_name="+"
    )
    list_name = models.CharField(_("list"), max_length=VIEW_LIST_CHARS_MAX)
    place = models.PositiveSmallIntegerField(_("place"))
    name = models.CharField(_("name"), max_length=VIEW_NAME_CHARS_MAX)
    query = models.CharField(_("what is asked for"), max_length=VIEW_QUERY_CHARS_MAX)
    at = models.DateTimeField(_("saved"))

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "list_name", "place"],
                name="saved_view_has_a_place_of_its_own",
            ),
            models.UniqueConstraint(
                fields=["user", "organisation", "list_name", "name"],
                name="saved_view_has_a_name_of_its_own",
            ),
            models.CheckConstraint(
                condition=Q(place__gte=1, place__lte=VIEWS_MAX), name="saved_views_are_limited"
            ),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(query="") & ~Q(list_name=""),
                name="saved_view_has_a_name_and_asks_for_something",
            ),
        ]

    def __str__(self) -> str:
        return self.name
