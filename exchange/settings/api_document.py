"""How the API describes itself (OpenAPI)."""

from typing import Any

SPECTACULAR: dict[str, Any] = {
    "TITLE": "Assay exchange API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "exchange.api.schema.add_problems",
    ],
    "ENUM_NAME_OVERRIDES": {
        "MembershipRole": "accounts.models.MembershipRole",
        "OrganisationKind": "accounts.models.OrganisationKind",
        "Role": "exchange.members.roles.Role",
        "Standing": "exchange.members.lifecycle.Standing",
        "ProductKind": "exchange.catalog.lifecycle.ProductKind",
        "OfferKind": "exchange.catalog.lifecycle.OfferKind",
        "DealNature": "exchange.catalog.lifecycle.DealNature",
        "OfferState": "exchange.catalog.lifecycle.OfferState",
        "ListingState": "exchange.catalog.lifecycle.ListingState",
        "ListingTurn": "exchange.catalog.lifecycle.Turn",
        "FileState": "exchange.vault.lifecycle.FileState",
        "EntitlementState": "exchange.delivery.lifecycle.EntitlementState",
        "AuctionKind": "exchange.auctions.lifecycle.Kind",
        "AuctionState": "exchange.auctions.lifecycle.AuctionState",
        "PaymentState": "exchange.payments.lifecycle.PaymentState",
        "OrderState": "exchange.orders.lifecycle.OrderState",
        "OrderTurn": "exchange.orders.lifecycle.Turn",
        "OrderPaymentMethod": "exchange.orders.lifecycle.PaymentMethod",
    },
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
