from typing import Any

from django.db import migrations, models
from django.utils import timezone

from exchange.core.guards import Frozen

# What was booked until now, as `fee_invoices` takes it down; what is dated before the month is on no document.
TAKE_DOWN = """
INSERT INTO payments_feeline (
    transfer_id, seq, account_id, settlement_id, seller_id, is_tax, currency, amount_minor, at, is_earlier
)
SELECT t.id, t.seq, a.id, s.id, s.seller_id, a.code LIKE 'feetax:%%', t.currency,
    CASE WHEN t.credit_id = a.id THEN t.amount_minor ELSE -t.amount_minor END, p.effective_at,
    p.effective_at < %(begins_at)s
FROM ledger_account a
CROSS JOIN LATERAL (
    SELECT * FROM ledger_transfer d WHERE d.debit_id = a.id
    UNION ALL
    SELECT * FROM ledger_transfer c WHERE c.credit_id = a.id
) AS t
JOIN ledger_journalentry p ON p.id = t.posting_id
JOIN orders_order o ON p.subject LIKE 'order:%%' AND o.public_id = substr(p.subject, 7)
JOIN payments_settlement s ON s.order_id = o.id
WHERE (a.code LIKE 'fee:income:%%' OR a.code LIKE 'feetax:%%') AND t.phase IN ('single', 'post')
    AND NOT EXISTS (SELECT 1 FROM payments_feeline)
"""


def take_down(_apps: Any, editor: Any) -> None:
    """An installation whose lines have been taken down already has its documents, and is left as it is."""
    this_month = timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    with editor.connection.cursor() as cursor:
        cursor.execute(TAKE_DOWN, {"begins_at": this_month})


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0027_fees_are_invoiced'),
    ]

    operations = [
        migrations.AddField(
            model_name='feeline',
            name='is_earlier',
            field=models.BooleanField(db_default=False, default=False, verbose_name='before there were documents'),
        ),
        migrations.RemoveIndex(model_name='feeline', name='fee_line_to_invoice'),
        migrations.AddIndex(
            model_name='feeline',
            index=models.Index(
                condition=models.Q(('document__isnull', True), ('is_earlier', False)),
                fields=['at', 'seller'],
                name='fee_line_to_invoice',
            ),
        ),
        migrations.AddConstraint(
            model_name='feeline',
            constraint=models.CheckConstraint(
                condition=models.Q(('is_earlier', False), ('document', None), _connector='OR'),
                name='fee_line_earlier_is_on_no_document',
            ),
        ),
        Frozen("feeline", fields=("is_earlier",), name="fee_lines_keep_when_documents_began"),
        migrations.RunPython(take_down, migrations.RunPython.noop),
    ]
