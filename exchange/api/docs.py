"""The pages of the API's description."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny


class SchemaView(SpectacularAPIView):
    """GET /api/v1/schema: OpenAPI 3.1, for everybody."""

    permission_classes = [AllowAny]


class DocsView(SpectacularSwaggerSplitView):
    """GET /api/v1/docs: Swagger UI from our own files, under the strict content security policy."""

    permission_classes = [AllowAny]
    template_name = "accounts/api_docs.html"
    url_name = "api:schema"
