"""The REST API, version 1: every address, by room."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from exchange.api import (
    accounts,
    asset_sales,
    auctions,
    audit,
    catalogue,
    contracts,
    delivery,
    ledger,
    members,
    negotiations,
    orders,
    payments,
    selling,
    uploads,
    usage,
    usage_receipts,
    vault,
)
from exchange.api.accounts import DocsView, SchemaView
from exchange.delivery.lifecycle import Form

app_name = "api"
ORGANISATION = "organisations/<str:organisation_id>"
_FORMS = "|".join(Form.values)
CONTRACT = "contracts/<str:contract_id>"
ANNOUNCEMENT = "announcements/<str:announcement_id>"
NEGOTIATION = "negotiations/<str:negotiation_id>"

_version_1: list[URLPattern | URLResolver] = [
    path("", accounts.RootView.as_view(), name="root"),
    path("schema", SchemaView.as_view(), name="schema"),
    path("docs", DocsView.as_view(), name="docs"),
    # People, organisations, invitations and keys.
    path("me", accounts.MeView.as_view(), name="me"),
    path("organisations", accounts.OrganisationsView.as_view(), name="organisations"),
    path(ORGANISATION, accounts.OrganisationView.as_view(), name="organisation"),
    path(f"{ORGANISATION}/members", accounts.MembersView.as_view(), name="organisation-members"),
    path(f"{ORGANISATION}/invitations", accounts.InvitationsView.as_view(), name="invitations"),
    path(
        f"{ORGANISATION}/invitations/<str:invitation_id>/revoke",
        accounts.InvitationRevocationView.as_view(),
        name="invitation-revoke",
    ),
    path(f"{ORGANISATION}/api-keys", accounts.ApiKeysView.as_view(), name="api-keys"),
    path(
        f"{ORGANISATION}/api-keys/<str:key_id>/revoke",
        accounts.ApiKeyRevocationView.as_view(),
        name="api-key-revoke",
    ),
    # Admission and roles.
    path("admission", members.AdmissionView.as_view(), name="admission"),
    path("roles", members.RolesView.as_view(), name="roles"),
    path("roles/<str:role_id>/revoke", members.RoleRevocationView.as_view(), name="role-revoke"),
    # Records, for those whom they concern.
    path("log/records", audit.RecordsView.as_view(), name="log_records"),
    path("log/records/<str:record_id>", audit.RecordView.as_view(), name="log_record"),
    path("log/records/<str:record_id>/bundle", audit.BundleView.as_view(), name="log_bundle"),
    # The books.
    path("ledger/accounts", ledger.LedgerAccountsView.as_view(), name="ledger-accounts"),
    path(
        "ledger/accounts/<str:account_id>/statement",
        ledger.StatementView.as_view(),
        name="ledger-statement",
    ),
    path(
        "ledger/accounts/<str:account_id>/statement.csv",
        ledger.StatementCsvView.as_view(),
        name="ledger-statement-csv",
    ),
    # Buying and orders.
    path("offers/<str:offer_id>/terms", orders.TermsView.as_view(), name="offer-terms"),
    path("orders", orders.OrdersView.as_view(), name="orders"),
    path("orders/<str:order_id>", orders.OrderView.as_view(), name="order"),
    path("orders/<str:order_id>/confirm", orders.ConfirmView.as_view(), name="order-confirm"),
    path("orders/<str:order_id>/decline", orders.DeclineView.as_view(), name="order-decline"),
    path("orders/<str:order_id>/cancel", orders.CancelView.as_view(), name="order-cancel"),
    path("orders/<str:order_id>/accept", orders.AcceptView.as_view(), name="order-accept"),
    path("orders/<str:order_id>/object", orders.ObjectView.as_view(), name="order-object"),
    path("orders/<str:order_id>/renewal", orders.RenewalView.as_view(), name="order-renewal"),
    path("orders/<str:order_id>/messages", orders.MessagesView.as_view(), name="order-messages"),
    # Files and uploads.
    path("files", vault.FilesView.as_view(), name="files"),
    path("files/<str:file_id>", vault.FileView.as_view(), name="file"),
    path(
        "files/<str:file_id>/read_again", vault.FileReadAgainView.as_view(), name="file-read-again"
    ),
    path("uploads", uploads.UploadsView.as_view(), name="uploads"),
    path("uploads/<str:upload_id>", uploads.UploadView.as_view(), name="upload"),
    # What was bought.
    path("entitlements", delivery.EntitlementsView.as_view(), name="entitlements"),
    path(
        "entitlements/<str:entitlement_id>", delivery.EntitlementView.as_view(), name="entitlement"
    ),
    path("entitlements/<str:entitlement_id>/links", delivery.LinksView.as_view(), name="links"),
    re_path(
        rf"^entitlements/(?P<entitlement_id>\w+)/tables/(?P<table_id>\w+)\.(?P<form>{_FORMS})$",
        delivery.ContentView.as_view(),
        name="table-content",
    ),
    # The catalogue.
    path("products", catalogue.ProductsView.as_view(), name="products"),
    path("products/<str:product_id>", catalogue.ProductView.as_view(), name="product"),
    # Payments, earnings, payouts and documents.
    path("payments", payments.PaymentsView.as_view(), name="payments"),
    path("payments/<str:payment_id>", payments.PaymentView.as_view(), name="payment"),
    path("earnings", payments.EarningsView.as_view(), name="earnings"),
    path("payouts", payments.PayoutsView.as_view(), name="payouts"),
    path("documents", payments.DocumentsView.as_view(), name="documents"),
    path("documents/<str:number>", payments.DocumentView.as_view(), name="document"),
    # Sellers' products.
    path("selling/products", selling.OwnProductsView.as_view(), name="own-products"),
    path("selling/products/<str:product_id>", selling.OwnProductView.as_view(), name="own-product"),
    path(
        "selling/products/<str:product_id>/submit",
        selling.SubmissionView.as_view(),
        name="own-product-submit",
    ),
    path(
        "selling/products/<str:product_id>/delist",
        selling.DelistingView.as_view(),
        name="own-product-delist",
    ),
    path(
        "selling/products/<str:product_id>/offers",
        selling.OwnOffersView.as_view(),
        name="own-offers",
    ),
    path(
        "selling/offers/<str:offer_id>/withdraw",
        selling.OfferWithdrawalView.as_view(),
        name="own-offer-withdraw",
    ),
    path(
        "selling/products/<str:product_id>/revisions",
        selling.OwnRevisionsView.as_view(),
        name="own-revisions",
    ),
    path(
        "selling/products/<str:product_id>/dictionary",
        selling.DictionaryView.as_view(),
        name="own-dictionary",
    ),
    path(
        "selling/products/<str:product_id>/publish",
        selling.PublicationView.as_view(),
        name="own-revision-publish",
    ),
    path(
        "selling/revisions/<str:revision_id>/revoke",
        selling.RevocationView.as_view(),
        name="own-revision-revoke",
    ),
    # Auctions.
    path("auctions", auctions.AuctionsView.as_view(), name="auctions"),
    path("auctions/<str:auction_id>", auctions.AuctionView.as_view(), name="auction"),
    path("auctions/<str:auction_id>/bids", auctions.AuctionBidsView.as_view(), name="auction-bids"),
    path(
        "auctions/<str:auction_id>/register",
        auctions.AuctionRegisterView.as_view(),
        name="auction-register",
    ),
    path(
        "auctions/<str:auction_id>/withdraw",
        auctions.AuctionWithdrawView.as_view(),
        name="auction-withdraw",
    ),
    path(
        "auctions/<str:auction_id>/reveal",
        auctions.AuctionRevealView.as_view(),
        name="auction-reveal",
    ),
    path(
        "auctions/<str:auction_id>/cancel",
        auctions.AuctionCancelView.as_view(),
        name="auction-cancel",
    ),
    path(
        "auctions/<str:auction_id>/awards",
        auctions.AuctionAwardsView.as_view(),
        name="auction-awards",
    ),
    path(
        "auctions/<str:auction_id>/evidence",
        auctions.AuctionEvidenceView.as_view(),
        name="auction-evidence",
    ),
    # Contracts.
    path("contracts", contracts.ContractsView.as_view(), name="contracts"),
    path(CONTRACT, contracts.ContractView.as_view(), name="contract"),
    path(
        f"{CONTRACT}/document", contracts.ContractDocumentView.as_view(), name="contract-document"
    ),
    path(f"{CONTRACT}/policy", contracts.ContractPolicyView.as_view(), name="contract-policy"),
    # Sales of state assets.
    path("announcements", asset_sales.AnnouncementsView.as_view(), name="announcements"),
    path(ANNOUNCEMENT, asset_sales.AnnouncementView.as_view(), name="announcement"),
    path(
        f"{ANNOUNCEMENT}/register", asset_sales.RegisterView.as_view(), name="announcement-register"
    ),
    path(f"{ANNOUNCEMENT}/bids", asset_sales.RoundBidView.as_view(), name="announcement-bid"),
    path("asset-sales", asset_sales.AssetSalesView.as_view(), name="asset_sales"),
    path("asset-sales/<str:asset_sale_id>", asset_sales.AssetSaleView.as_view(), name="asset_sale"),
    # Negotiations.
    path("negotiations", negotiations.NegotiationsView.as_view(), name="negotiations"),
    path(NEGOTIATION, negotiations.NegotiationView.as_view(), name="negotiation"),
    path(
        f"{NEGOTIATION}/proposals",
        negotiations.ProposalsView.as_view(),
        name="negotiation-proposals",
    ),
    path(f"{NEGOTIATION}/counter", negotiations.CounterView.as_view(), name="negotiation-counter"),
    path(f"{NEGOTIATION}/accept", negotiations.AcceptView.as_view(), name="negotiation-accept"),
    path(f"{NEGOTIATION}/decline", negotiations.DeclineView.as_view(), name="negotiation-decline"),
    path(
        f"{NEGOTIATION}/withdraw", negotiations.WithdrawView.as_view(), name="negotiation-withdraw"
    ),
    # Usage.
    path("usage", usage.UsageView.as_view(), name="usage"),
    path("usage/subscriptions", usage.SubscriptionsView.as_view(), name="usage-subscriptions"),
    path(
        "usage/subscriptions/<str:subscription_id>/bills",
        usage.BillsView.as_view(),
        name="usage-bills",
    ),
    path(
        "usage/subscriptions/<str:subscription_id>/receipts",
        usage_receipts.ReceiptsView.as_view(),
        name="usage-receipts",
    ),
    path(
        "usage/subscriptions/<str:subscription_id>/receipts/<day:day>",
        usage_receipts.ReceiptView.as_view(),
        name="usage-receipt",
    ),
    path(
        "usage/subscriptions/<str:subscription_id>/receipts/<day:day>/events",
        usage_receipts.ReceiptEventsView.as_view(),
        name="usage-receipt-events",
    ),
    path(
        "usage/subscriptions/<str:subscription_id>/cap", usage.CapView.as_view(), name="usage-cap"
    ),
    path(
        "usage/subscriptions/<str:subscription_id>/end", usage.EndView.as_view(), name="usage-end"
    ),
]
urlpatterns = [path("v1/", include(_version_1))]
