from django.apps import AppConfig

# Which page shows what waits for a second person, by its key.
PAGES = {
    "approval": "console:members_approvalrequest_change",
    "proposal": "console:members_proposal_change",
}
# What operators are told of, and the list in which it waits for them.
LISTS = {
    "admissions": "console:members_admission_changelist",
    "review": "console:catalog_product_changelist",
}


class ConsoleConfig(AppConfig):
    name = "exchange.console"
    label = "console"

    def ready(self) -> None:
        from exchange.notices import notify  # noqa: PLC0415 - models must be loaded first

        notify.declare_pages(PAGES, lists=LISTS)
