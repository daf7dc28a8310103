"""Documents of use as files: bills, receipts and the events that a receipt is for."""

from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from exchange.core.refusals import NotFound
from exchange.members.callers import actor_of
from exchange.metering.models import UsageBill
from exchange.metering.queries.arrivals import lines_of
from exchange.metering.queries.receipts import receipt_file, receipt_of
from exchange.metering.queries.subscriptions import subscription_seen_by


@login_required
@require_GET
def download_bill(request: HttpRequest, subscription_id: str, number: int) -> HttpResponse:
    """A final bill, byte for byte as its hash in the log says."""
    found = subscription_seen_by(actor_of(request), subscription_id)
    bill = UsageBill.objects.filter(period__subscription=found, period__number=number).first()
    if bill is None:
        raise NotFound(_("There is no such bill."))
    answer = HttpResponse(bytes(bill.document), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{bill.public_id}.json"'
    return answer


@login_required
@require_GET
def download_receipt(request: HttpRequest, subscription_id: str, day: date) -> HttpResponse:
    """A day's signed receipt, as `verify_receipt.py` reads it."""
    found = subscription_seen_by(actor_of(request), subscription_id)
    answer = JsonResponse(receipt_file(receipt_of(found, day)))
    name = f"{found.public_id}-{day.isoformat()}.json"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@login_required
@require_GET
def download_events(request: HttpRequest, subscription_id: str, day: date) -> StreamingHttpResponse:
    """The events of a day's receipt, byte for byte as its hash says."""
    found = subscription_seen_by(actor_of(request), subscription_id)
    receipt = receipt_of(found, day)
    lines = lines_of(found.pk, receipt.day)
    answer = StreamingHttpResponse(lines, content_type="application/x-ndjson")
    name = f"{found.public_id}-{day.isoformat()}.ndjson"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
