"""What every page's template may use."""

from django.http import HttpRequest


def site(_request: HttpRequest) -> dict[str, object]:
    return {"site_name": "Assay"}
