"""What a payment provider asks of a seller, in words that the seller reads."""

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# By how the provider's own names begin; the longest that fits says it.
WORDS: Mapping[str, Promise] = {
    "external_account": _("A bank account"),
    "business_profile": _("What your organisation does"),
    "business_type": _("The form of your organisation"),
    "company": _("Details of your organisation"),
    "company.tax_id": _("The tax number of your organisation"),
    "company.verification": _("A document about your organisation"),
    "company.owners": _("Who owns your organisation"),
    "company.directors": _("Who directs your organisation"),
    "owners": _("Who owns your organisation"),
    "directors": _("Who directs your organisation"),
    "executives": _("Who directs your organisation"),
    "representative": _("Who acts for your organisation"),
    "representative.verification": _("An identity document of who acts for your organisation"),
    "person_": _("Details of a person of your organisation"),
    "individual": _("Who you are"),
    "tos_acceptance": _("Your agreement to the provider's terms"),
    "settings": _("How payments appear on statements"),
    "documents": _("Documents"),
    "interv_": _("An answer to the provider's question"),
}
OTHER = _("Something else that the provider names on its page")


def in_words(asked: Iterable[str]) -> list[str]:
    """Each thing once, in the order in which the provider asks."""
    return list(dict.fromkeys(str(_of(name)) for name in asked))


def _of(name: str) -> Promise:
    fitting = [begin for begin in WORDS if name.startswith(begin)]
    return WORDS[max(fitting, key=len)] if fitting else OTHER
