from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    name = "exchange.ledger"
    label = "ledger"
    verbose_name = _("Books")

    def ready(self) -> None:
        from exchange.audit.coverage import require_record, subjects  # noqa: PLC0415 - needs models
        from exchange.ledger.guards import guards_in_place  # noqa: PLC0415 - as above
        from exchange.ledger.models import Account  # noqa: PLC0415 - as above

        register(Tags.database)(guards_in_place)
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
