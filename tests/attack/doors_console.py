"""Doors of the operators' console: each with a row that is there, and a form that is accepted."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from exchange.catalog.reasons import CHECKLISTS
from exchange.members.lifecycle import Check
from exchange.orders.lifecycle import PriceGround
from exchange.orders.models import Order
from tests.attack.doors import Door, acts, get
from tests.attack.town import Town

REASON = {"reason": "It is said why."}
SENT = {"sent": "1"}  # a form without fields, sent
STAFF = "second_operator regulator"
READ = (
    "members_admission", "members_proposal", "asset_sales_assetsale", "asset_sales_bidder",
    "auctions_auction", "members_relatedparty", "payments_payment", "payments_refund",
    "payments_payout", "payments_providerevent", "payments_difference",
    "payments_incomingtransfer", "ledger_account", "ledger_journalentry", "ledger_transfer",
    "core_calendaryear", "catalog_product", "audit_record", "audit_head", "orders_order",
    "orders_ruling", "orders_certificate", "accounts_organisation", "accounts_user",
    "accounts_membership", "core_rule", "payments_wallet", "payments_deposit",
    "payments_withdrawal", "core_outboxjob", "catalog_columnflag", "members_identityrequest",
    "members_personaltie", "members_approvalrequest", "disputes_dispute", "payments_cardtopup",
    "payments_distribution", "payments_savedcard", "accounts_apikey", "members_admissiondocument",
    "members_admissionstep", "members_rolegrant", "payments_payoutaccount", "catalog_question",
    "members_deactivation", "notices_banner", "payments_payouthold",
)  # fmt: skip


def _later(**more: Any) -> Any:
    def body(_town: Town) -> dict[str, Any]:
        when = timezone.localtime() + timedelta(hours=3)
        return {"closes_at": when.strftime("%Y-%m-%dT%H:%M"), **more}

    return body


def _ruling(town: Town) -> dict[str, Any]:
    """A refund whose split was looked at."""
    total = Order.objects.get(public_id=town.things["reviewed_order"]).total_minor
    return {**REASON, "ruling": "refund:not_as_described", "seen": f"refund:{total}"}


# What a person keeps for itself leaves no record, by which posts are judged here: see test_saved_views.
VIEWS = tuple(
    get(f"console:view_{act}", "operator", view_id="console_view") for act in ("rename", "remove")
)
PROOFS = (
    get("console:audit_head_prove", "operator", also=STAFF, object_id="audit.head"),
    get("console:audit_record_prove", "operator", also=STAFF, object_id="audit.record"),
    get("console:ledger_account_statement", "operator", also=STAFF, object_id="ledger.account"),
)
PAGES = tuple(
    get(f"console:{table}_change", "operator", also=STAFF, object_id=table.replace("_", ".", 1)
        if not table.startswith("asset_sales") else table.replace("asset_sales_", "asset_sales."))
    for table in READ
)  # fmt: skip
ORDER, PRODUCT = "orders.order:disputed_order", "catalog.product:product"
EVERY_STAGE = {"stages": [move.value for move in CHECKLISTS]}
ACTS = (
    *acts("console:members_admission", "operator", "applied", ask=REASON,
          verify={"checks": Check.values}),
    *acts(
        "console:members_admission", "operator", "admitted", restrict=REASON,
        propose={"transition": "suspend", **REASON},
    ),
    *acts("console:auctions_auction", "operator", "auctions.auction:auction", pause=REASON,
          extend=_later(**REASON), cancel=REASON),
    *acts("console:members_relatedparty", "operator", "relation", end=SENT),
    *acts("console:orders_order", "operator", ORDER,
          price_reason={"ground": next(iter(PriceGround)).value, **REASON}),
    *acts("console:catalog_product", "operator", PRODUCT,
          suspend={"reason_code": "complaint", **REASON},
          delist={"reason_code": "no_right", **REASON}),
    *acts("console:catalog_product", "operator", "catalog.product:important",
          flag_column={"column": "kwh", **REASON}),
    *acts("console:catalog_columnflag", "operator", "flag", lift=REASON),
    *acts("console:catalog_columnflag", "operator", "asked_flag", keep=REASON),
    *acts("console:catalog_question", "operator", "catalog.question:question", hide=REASON),
    *acts("console:members_identityrequest", "operator",
          "members.identityrequest:identity", approve=SENT, decline=REASON),
    *acts("console:members_personaltie", "operator", "tie", end=SENT),
    *acts("console:notices_banner", "operator", "banner", withdraw=SENT),
    *acts("console:accounts_user", "operator", "person", deactivate=REASON),
    *acts("console:accounts_user", "operator", "out_of_use", restore=REASON),
    *acts("console:members_approvalrequest", "finance_of_exchange", "approval", approve=SENT,
          decline=REASON),
    *acts("console:catalog_product", "operator", "catalog.product:submitted",
          advance=SENT, whole=EVERY_STAGE,
          send_back={"reason_code": "other", **REASON}, reject={"reason_code": "no_right", **REASON}),
    # What moves money by hand is asked for by the exchange's finance, and not by operators.
    *acts("console:payments_withdrawal", "finance_of_exchange", "withdrawal", sent={"bank_ref": "B-1"},
          decline=REASON),
    *acts("console:payments_incomingtransfer", "finance_of_exchange", "incoming",
          send_back={"bank_ref": "B-2"}),
    *acts("console:payments_payouthold", "finance_of_exchange", "payout_hold", release=REASON),
    *acts("console:payments_payoutaccount", "finance_of_exchange", "payments.payoutaccount",
          hold=REASON),
    *acts("console:payments_distribution", "finance_of_exchange",
          "payments.distribution:objected_month", uphold=REASON),
    *acts("console:asset_sales_assetsale", "operator", "asset_sales.assetsale:asset_sale",
          suspend=REASON),
    *acts("console:asset_sales_bidder", "operator", "bidder", qualify=SENT, reject=REASON),
    *acts("console:core_outboxjob", "operator", "dead_job", retry=REASON),
    *acts("console:disputes_dispute", "operator", "disputes.dispute:reviewed_dispute",
          decide=_ruling, ask_claimant=REASON,
          ask_respondent=REASON),
    *acts("console:disputes_dispute", "operator", "disputes.dispute:asked_dispute", compare=SENT),
    *acts("console:orders_ruling", "second_operator", "orders.ruling:ruling", approve=SENT,
          decline=REASON),
    *acts("console:members_proposal", "second_operator", "proposal", approve=REASON, decline=REASON),
)  # fmt: skip
CONSOLE: tuple[Door, ...] = (*PAGES, *PROOFS, *VIEWS, *ACTS)
