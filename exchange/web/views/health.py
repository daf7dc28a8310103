"""Answers for machines: is the process alive, and can it serve?"""

from django.db import Error
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from exchange.audit.queries.alarms import oldest_unsequenced
from exchange.ledger.queries.guards import missing_guards


@never_cache
def alive(_request: HttpRequest) -> JsonResponse:
    """200 while the process runs, whatever the state of its database."""
    return JsonResponse({"status": "alive"})


@never_cache
def ready(_request: HttpRequest) -> JsonResponse:
    """200 when a request can be served, else 503 naming the part that is missing.

    Warnings name what people should look at while requests are served all the same.
    """
    try:
        waiting = oldest_unsequenced(timezone.now())
        are_books_guarded = not missing_guards()
    except Error:
        return _not_ready("database")
    if not are_books_guarded:
        return _not_ready("ledger guards")
    if waiting is not None and waiting.is_late:
        return JsonResponse({"status": "ready", "warnings": ["audit_records_unsequenced"]})
    return JsonResponse({"status": "ready"})


def _not_ready(missing: str) -> JsonResponse:
    return JsonResponse({"status": "not ready", "missing": missing}, status=503)
