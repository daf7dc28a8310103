"""The public page that verifies a certificate."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from exchange.audit import queries
from exchange.audit.queries import NotYetInTheLog
from exchange.contracts.models import Contract
from exchange.core.refusals import NotFound
from exchange.orders.models import Certificate
from exchange.web.log.views import Checkpoint, newest_checkpoint
from exchange.web.pages import render_page
from exchange.web.throttles import throttled

HASH_CHARS = 64
CONTRACT = "ctr_"


class NoSuchCertificate(NotFound):
    """The exchange issued no certificate with this number."""

    code = "no_such_certificate"


@dataclass(frozen=True)
class AskPage:
    """The form that takes a number and, if one likes, the hash printed on the document."""


@dataclass(frozen=True)
class VerificationPage:
    """`printed` is "" where no hash was given, else "same" or "other"."""

    number: str
    is_contract: bool
    issued_at: datetime | None
    document_hash: str
    printed: str
    entry_index: int | None
    leaf_hash: str
    checkpoint: Checkpoint | None


@require_GET
def ask(request: HttpRequest) -> HttpResponse:
    """Lead to the certificate's page, or show the form."""
    number = request.GET.get("number", "").strip()
    number = number.lower() if _is_contract(number) else number.upper()
    if not number:
        return render_page(request, "documents/verify.html", AskPage())
    given = request.GET.get("hash", "").strip()
    here = reverse("web:verify_certificate", args=[number.replace("/", "")])
    return redirect(f"{here}?hash={_digits(given)}" if given else here)


@require_GET
@throttled("search")
def show(request: HttpRequest, number: str) -> HttpResponse:
    """What anybody may know: the number, when it was issued, its hash and its place in the log."""
    found = _contract(number) if _is_contract(number) else _certificate(number)
    digest = found.document_hash.removeprefix("sha256:")
    given = _digits(request.GET.get("hash", ""))
    index, leaf_hash = _place(found.record_id)
    page = VerificationPage(
        number=number,
        is_contract=isinstance(found, Contract),
        issued_at=found.issued_at if isinstance(found, Certificate) else found.concluded_at,
        document_hash=digest,
        printed="" if not given else "same" if given == digest else "other",
        entry_index=index,
        leaf_hash=leaf_hash,
        checkpoint=newest_checkpoint(),
    )
    return render_page(request, "documents/certificate_verified.html", page)


def _is_contract(number: str) -> bool:
    return number.lower().startswith(CONTRACT)


def _certificate(number: str) -> Certificate:
    found = Certificate.objects.filter(number=number).first()
    if found is None:
        raise NoSuchCertificate(
            _("The exchange has issued no certificate with this number."), number=number
        )
    return found


def _contract(number: str) -> Contract:
    """One that both parties have signed: what is being signed is theirs alone."""
    found = Contract.objects.filter(public_id=number, concluded_at__isnull=False).first()
    if found is None:
        raise NoSuchCertificate(_("No contract with this number was signed here."), number=number)
    return found


def _place(record_id: str) -> tuple[int | None, str]:
    try:
        leaf = queries.leaf_of(record_id)
    except NotYetInTheLog:
        return None, ""
    return leaf.index, bytes(leaf.hash).hex()


def _digits(text: str) -> str:
    """The hexadecimal digits of a hash as people type it."""
    plain = text.lower().removeprefix("sha256:")
    return "".join(one for one in plain if one in "0123456789abcdef")[:HASH_CHARS]
