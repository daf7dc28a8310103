"""Answers for machines: is the process alive, and can it serve?"""

from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache


@never_cache
def alive(_request: HttpRequest) -> JsonResponse:
    """200 while the process runs, whatever the state of its database."""
    return JsonResponse({"status": "alive"})


@never_cache
def ready(_request: HttpRequest) -> JsonResponse:
    """200 when a request can be served, else 503 naming the part that is missing."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return JsonResponse({"status": "not ready", "missing": "database"}, status=503)
    return JsonResponse({"status": "ready"})
