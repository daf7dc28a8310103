"""What the search reads: one row for each product that is listed, and no other."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

FACET_CHARS_MAX = 80
WORD_CHARS_MAX = 30
PRICELESS = 2**62  # sorts after every price


class SearchEntry(models.Model):
    """A listed product as the catalogue finds, filters, sorts and shows it.

    Derived from the product and made anew whenever that changes; nothing is only here. `facets` are
    `name:value` words, `card` is what the list shows of it. `quality_score` is -1 where nobody
    measured one, `price_order` is the lowest price in minor units: 0 is free, PRICELESS unknown.
    `is_local` is false for free open data that lies elsewhere: the exchange neither sells nor delivers
    it.
    `stale_at` is when an offer begins or ends next, so that the entry is made anew by the clock.
    """

    product = models.OneToOneField(
        "catalog.Product",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="search_entry",
    )
    title_terms = SearchVectorField(_("words of the title"))
    text_terms = SearchVectorField(_("words of title and text"))
    facets = ArrayField(models.CharField(max_length=FACET_CHARS_MAX), verbose_name=_("facets"))
    price_order = models.BigIntegerField(_("lowest price"))
    quality_score = models.DecimalField(_("quality"), max_digits=5, decimal_places=2)
    listed_at = models.DateTimeField(_("listed"))
    is_local = models.BooleanField(_("sold or delivered here"))
    card = models.JSONField(_("card"))
    stale_at = models.DateTimeField(_("made anew"), null=True, blank=True)

    class Meta:
        verbose_name = _("search entry")
        verbose_name_plural = _("search entries")
        indexes = [
            GinIndex(fields=["title_terms"], name="search_title_terms", fastupdate=False),
            GinIndex(fields=["text_terms"], name="search_text_terms", fastupdate=False),
            GinIndex(fields=["facets"], name="search_facets", fastupdate=False),
            models.Index(
                F("is_local").desc(),
                F("listed_at").desc(),
                F("product").desc(),
                name="search_newest",
            ),
            models.Index(fields=["price_order", "product"], name="search_cheapest"),
            models.Index(
                fields=["price_order", "product"],
                condition=Q(is_local=True),
                name="search_cheapest_here",
            ),
            models.Index(F("quality_score").desc(), F("product").desc(), name="search_best"),
            models.Index(
                fields=["stale_at"], condition=Q(stale_at__isnull=False), name="search_stale"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(price_order__gte=0), name="search_price_is_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(quality_score__range=(-1, 100)), name="search_quality_is_a_score"
            ),
        ]

    def __str__(self) -> str:
        return str(self.card.get("title", self.pk))


class SearchWord(models.Model):
    """A word of titles, keywords and summaries, proposed to who typed one like it that nothing has.

    `grams` are its runs of three letters.
    """

    word = models.CharField(_("word"), max_length=WORD_CHARS_MAX, primary_key=True)
    grams = ArrayField(models.CharField(max_length=3), verbose_name=_("runs of three letters"))

    class Meta:
        verbose_name = _("word of the search")
        verbose_name_plural = _("words of the search")
        indexes = [GinIndex(fields=["grams"], name="search_word_grams")]

    def __str__(self) -> str:
        return self.word
