"""The REST API, version 1: every address, by room."""

from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views import View

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
    wallet,
)
from exchange.api.accounts import DocsView, SchemaView
from exchange.delivery.lifecycle import Form

app_name = "api"
ORGANISATION = "organisations/<str:organisation_id>"
_FORMS = "|".join(Form.values)
OWN_PRODUCT = "selling/products/<str:product_id>"
SUBSCRIPTION = "usage/subscriptions/<str:subscription_id>"
AUCTION = "auctions/<str:auction_id>"
ORDER = "orders/<str:order_id>"
CONTRACT = "contracts/<str:contract_id>"
ANNOUNCEMENT = "announcements/<str:announcement_id>"
NEGOTIATION = "negotiations/<str:negotiation_id>"


def at(route: str, view: type[View], name: str) -> URLPattern:
    return path(route, view.as_view(), name=name)


_version_1: list[URLPattern | URLResolver] = [
    at("", accounts.RootView, "root"),
    at("schema", SchemaView, "schema"),
    at("docs", DocsView, "docs"),
    # People, organisations, invitations and keys.
    at("me", accounts.MeView, "me"),
    at("organisations", accounts.OrganisationsView, "organisations"),
    at(ORGANISATION, accounts.OrganisationView, "organisation"),
    at(f"{ORGANISATION}/members", accounts.MembersView, "organisation-members"),
    at(f"{ORGANISATION}/invitations", accounts.InvitationsView, "invitations"),
    at(
        f"{ORGANISATION}/invitations/<str:invitation_id>/revoke",
        accounts.InvitationRevocationView,
        "invitation-revoke",
    ),
    at(f"{ORGANISATION}/api-keys", accounts.ApiKeysView, "api-keys"),
    at(
        f"{ORGANISATION}/api-keys/<str:key_id>/revoke",
        accounts.ApiKeyRevocationView,
        "api-key-revoke",
    ),
    # Admission and roles.
    at("admission", members.AdmissionView, "admission"),
    at("roles", members.RolesView, "roles"),
    at("roles/<str:role_id>/revoke", members.RoleRevocationView, "role-revoke"),
    # Records, for those whom they concern.
    at("log/records", audit.RecordsView, "log_records"),
    at("log/records/<str:record_id>", audit.RecordView, "log_record"),
    at("log/records/<str:record_id>/bundle", audit.BundleView, "log_bundle"),
    # The books.
    at("ledger/accounts", ledger.LedgerAccountsView, "ledger-accounts"),
    at("ledger/accounts/<str:account_id>/statement", ledger.StatementView, "ledger-statement"),
    at(
        "ledger/accounts/<str:account_id>/statement.csv",
        ledger.StatementCsvView,
        "ledger-statement-csv",
    ),
    # Buying and orders.
    at("offers/<str:offer_id>/terms", orders.TermsView, "offer-terms"),
    at("orders", orders.OrdersView, "orders"),
    at(ORDER, orders.OrderView, "order"),
    at(f"{ORDER}/confirm", orders.ConfirmView, "order-confirm"),
    at(f"{ORDER}/decline", orders.DeclineView, "order-decline"),
    at(f"{ORDER}/cancel", orders.CancelView, "order-cancel"),
    at(f"{ORDER}/accept", orders.AcceptView, "order-accept"),
    at(f"{ORDER}/object", orders.ObjectView, "order-object"),
    at(f"{ORDER}/renewal", orders.RenewalView, "order-renewal"),
    at(f"{ORDER}/messages", orders.MessagesView, "order-messages"),
    # Files and uploads.
    at("files", vault.FilesView, "files"),
    at("files/<str:file_id>", vault.FileView, "file"),
    at("files/<str:file_id>/answers", vault.FileAnswersView, "file-answers"),
    at("files/<str:file_id>/read_again", vault.FileReadAgainView, "file-read-again"),
    at("uploads", uploads.UploadsView, "uploads"),
    at("uploads/<str:upload_id>", uploads.UploadView, "upload"),
    # What was bought.
    at("entitlements", delivery.EntitlementsView, "entitlements"),
    at("entitlements/<str:entitlement_id>", delivery.EntitlementView, "entitlement"),
    at("entitlements/<str:entitlement_id>/links", delivery.LinksView, "links"),
    at("links/<str:link_id>/end", delivery.LinkEndView, "link-end"),
    re_path(
        rf"^entitlements/(?P<entitlement_id>\w+)/tables/(?P<table_id>\w+)\.(?P<form>{_FORMS})$",
        delivery.ContentView.as_view(),
        name="table-content",
    ),
    # The catalogue.
    at("products", catalogue.ProductsView, "products"),
    at("products/<str:product_id>", catalogue.ProductView, "product"),
    at("products/<str:product_id>/questions", catalogue.QuestionsView, "product_questions"),
    # Payments, earnings, payouts and documents.
    at("payments", payments.PaymentsView, "payments"),
    at("payments/<str:payment_id>", payments.PaymentView, "payment"),
    at("balances", payments.BalancesView, "balances"),
    at("earnings", payments.EarningsView, "earnings"),
    at("payouts", payments.PayoutsView, "payouts"),
    at("documents", payments.DocumentsView, "documents"),
    at("documents/<str:number>", payments.DocumentView, "document"),
    # Money and cards for the wallet.
    at("wallet/top-ups", wallet.TopUpsView, "top-ups"),
    at("wallet/top-ups/<str:top_up_id>", wallet.TopUpView, "top-up"),
    at("wallet/top-ups/<str:top_up_id>/page", wallet.TopUpPageView, "top-up-page"),
    at("wallet/cards", wallet.SavedCardsView, "saved-cards"),
    at("wallet/cards/<str:card_id>/page", wallet.SavedCardPageView, "saved-card-page"),
    at("wallet/cards/<str:card_id>/default", wallet.SavedCardDefaultView, "saved-card-default"),
    at("wallet/cards/<str:card_id>/remove", wallet.SavedCardRemovalView, "saved-card-remove"),
    # Sellers' products.
    at("selling/products", selling.OwnProductsView, "own-products"),
    at(OWN_PRODUCT, selling.OwnProductView, "own-product"),
    at(f"{OWN_PRODUCT}/submit", selling.SubmissionView, "own-product-submit"),
    at(f"{OWN_PRODUCT}/pause", selling.PauseView, "own-product-pause"),
    at(f"{OWN_PRODUCT}/relist", selling.RelistingView, "own-product-relist"),
    at(f"{OWN_PRODUCT}/delist", selling.DelistingView, "own-product-delist"),
    at(f"{OWN_PRODUCT}/offers", selling.OwnOffersView, "own-offers"),
    at("selling/offers/<str:offer_id>/withdraw", selling.OfferWithdrawalView, "own-offer-withdraw"),
    at(f"{OWN_PRODUCT}/revisions", selling.OwnRevisionsView, "own-revisions"),
    at(f"{OWN_PRODUCT}/dictionary", selling.DictionaryView, "own-dictionary"),
    at(f"{OWN_PRODUCT}/personal-columns", selling.OwnFlagsView, "own-flags"),
    at(f"{OWN_PRODUCT}/personal-columns/lift", selling.OwnFlagLiftView, "own-flag-lift"),
    at(f"{OWN_PRODUCT}/publish", selling.PublicationView, "own-revision-publish"),
    at("selling/revisions/<str:revision_id>/revoke", selling.RevocationView, "own-revision-revoke"),
    # Auctions.
    at("auctions", auctions.AuctionsView, "auctions"),
    at(AUCTION, auctions.AuctionView, "auction"),
    at(f"{AUCTION}/bids", auctions.AuctionBidsView, "auction-bids"),
    at(f"{AUCTION}/register", auctions.AuctionRegisterView, "auction-register"),
    at(f"{AUCTION}/withdraw", auctions.AuctionWithdrawView, "auction-withdraw"),
    at(f"{AUCTION}/reveal", auctions.AuctionRevealView, "auction-reveal"),
    at(f"{AUCTION}/cancel", auctions.AuctionCancelView, "auction-cancel"),
    at(f"{AUCTION}/awards", auctions.AuctionAwardsView, "auction-awards"),
    at(f"{AUCTION}/evidence", auctions.AuctionEvidenceView, "auction-evidence"),
    # Contracts.
    at("contracts", contracts.ContractsView, "contracts"),
    at(CONTRACT, contracts.ContractView, "contract"),
    at(f"{CONTRACT}/document", contracts.ContractDocumentView, "contract-document"),
    at(f"{CONTRACT}/policy", contracts.ContractPolicyView, "contract-policy"),
    # Sales of state assets.
    at("announcements", asset_sales.AnnouncementsView, "announcements"),
    at(ANNOUNCEMENT, asset_sales.AnnouncementView, "announcement"),
    at(f"{ANNOUNCEMENT}/register", asset_sales.RegisterView, "announcement-register"),
    at(f"{ANNOUNCEMENT}/bids", asset_sales.RoundBidView, "announcement-bid"),
    at("asset-sales", asset_sales.AssetSalesView, "asset_sales"),
    at("asset-sales/<str:asset_sale_id>", asset_sales.AssetSaleView, "asset_sale"),
    # Negotiations.
    at("negotiations", negotiations.NegotiationsView, "negotiations"),
    at(NEGOTIATION, negotiations.NegotiationView, "negotiation"),
    at(f"{NEGOTIATION}/proposals", negotiations.ProposalsView, "negotiation-proposals"),
    at(f"{NEGOTIATION}/counter", negotiations.CounterView, "negotiation-counter"),
    at(f"{NEGOTIATION}/accept", negotiations.AcceptView, "negotiation-accept"),
    at(f"{NEGOTIATION}/decline", negotiations.DeclineView, "negotiation-decline"),
    at(f"{NEGOTIATION}/withdraw", negotiations.WithdrawView, "negotiation-withdraw"),
    # Usage.
    at("usage", usage.UsageView, "usage"),
    at("usage/subscriptions", usage.SubscriptionsView, "usage-subscriptions"),
    at(f"{SUBSCRIPTION}/bills", usage.BillsView, "usage-bills"),
    at(f"{SUBSCRIPTION}/receipts", usage_receipts.ReceiptsView, "usage-receipts"),
    at(f"{SUBSCRIPTION}/receipts/<day:day>", usage_receipts.ReceiptView, "usage-receipt"),
    at(
        f"{SUBSCRIPTION}/receipts/<day:day>/events",
        usage_receipts.ReceiptEventsView,
        "usage-receipt-events",
    ),
    at(f"{SUBSCRIPTION}/cap", usage.CapView, "usage-cap"),
    at(f"{SUBSCRIPTION}/end", usage.EndView, "usage-end"),
    at(f"{SUBSCRIPTION}/disputes", usage.DisputesView, "usage-disputes"),
    at(f"{SUBSCRIPTION}/object", usage.ObjectView, "usage-object"),
    at("usage/disputes/<str:dispute_id>/confirm", usage.DisputeConfirmView, "usage-confirm"),
    at("usage/disputes/<str:dispute_id>/refuse", usage.DisputeRefuseView, "usage-refuse"),
]
urlpatterns = [path("v1/", include(_version_1))]
