from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _

# Each posting with its transfers as its record describes them.
POSTINGS = """ledger_journalentry AS row JOIN (
    SELECT line.posting_id, jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'phase', line.phase,
        'debit', CASE WHEN line.pending_of_id IS NULL THEN debit.code END,
        'credit', CASE WHEN line.pending_of_id IS NULL THEN credit.code END,
        'pending', line.pending_of_id::text,
        'amount_minor', CASE WHEN line.phase <> 'void' THEN line.amount_minor::text END,
        'currency', CASE WHEN line.phase <> 'void' THEN line.currency END
    )) ORDER BY line.step) AS described
    FROM ledger_transfer AS line
    JOIN ledger_account AS debit ON debit.id = line.debit_id
    JOIN ledger_account AS credit ON credit.id = line.credit_id
    GROUP BY line.posting_id
) AS lines ON lines.posting_id = row.id"""


class LedgerConfig(AppConfig):
    name = "exchange.ledger"
    label = "ledger"
    verbose_name = _("Books")

    def ready(self) -> None:
        from exchange.audit import agreement  # noqa: PLC0415 - needs models
        from exchange.audit.coverage import require_record, subjects  # noqa: PLC0415 - needs models
        from exchange.ledger.guards import guards_in_place  # noqa: PLC0415 - as above
        from exchange.ledger.models import Account, Month  # noqa: PLC0415 - as above

        register(Tags.database)(guards_in_place)
        agreement.rows_of(
            "account",
            "ledger_account AS row LEFT JOIN accounts_organisation AS o ON o.id = row.owner_id",
            facts={
                "code": "row.code",
                "currency": "row.currency",
                "kind": "row.kind",
                "guard": "row.guard",
                "owner": "o.public_id",
            },
        )
        agreement.rows_of(
            "posting",
            POSTINGS,
            key="encode(row.fingerprint, 'hex')",
            facts={
                "scope": "row.scope",
                "key": "row.key",
                "kind": "row.kind",
                "transfers": "lines.described",
            },
            actor="row.actor",
        )
        agreement.rows_of(
            "month", "ledger_month AS row", facts={"month": "to_char(row.first_day, 'YYYY-MM')"}
        )
        require_record(
            name="ledger.months",
            rows=subjects("month", Month.objects.all()),
            event="ledger.month.closed",
        )
        require_record(
            name="ledger.accounts",
            rows=subjects("account", Account.objects.all()),
            event="ledger.account.opened",
        )
        require_record(
            name="ledger.postings",
            rows="SELECT 'posting:' || encode(fingerprint, 'hex') FROM ledger_journalentry",
            event=("ledger.posting.made", "ledger.hold.expired"),
        )
