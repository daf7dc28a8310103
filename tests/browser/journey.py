"""What a seller, a buyer and the people of the exchange click, in the language they read."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from playwright.sync_api import Locator, Page

from exchange.core.models import OutboxJob
from exchange.jobs import runner
from exchange.jobs.payments import post_here
from exchange.orders.models import Order
from exchange.payments import reactions
from exchange.payments.gateway.sandbox import messages, outgoing
from exchange.payments.models import Settlement
from tests.browser.chromium import Reader

JOBS_MAX = 500
ROUNDS_MAX = 10
NET, GROSS, EARNED = "980.00", "1,038.80", "960.40"
PAID_IN = GROSS.replace(",", "")
# Every detail that a listing needs, under the names of the wizard's fields.
ABOUT = {
    "title": "Discharge cycles of 34 battery cells",
    "title_zh": "三十四只电池的放电循环",
    "summary": "Capacity, voltage and temperature of every cycle until the end of life.",
    "summary_zh": "逐次循环的容量、电压与温度，直至寿命终止。",
    "scenarios": "Estimate how long a battery lasts",
    "keywords": "battery, ageing, 电池, 寿命",
}
ABOUT_CHOSEN = {"industry": "energy", "region": "global", "rhythm": "once"}
SEARCHED = {"en": "battery cells", "zh-hans": "电池"}


def work() -> None:
    """What the worker does: promised jobs, and the provider's messages over the network, until
    there is nothing more to do."""
    for _round in range(ROUNDS_MAX):
        with transaction.atomic():
            outgoing.decide_payouts()
        told = messages.deliver_due(post_here, secret=settings.PAYMENT_WEBHOOK_SECRET)
        if not told + runner.drain(worker="journey", limit=JOBS_MAX):
            break
    failed = OutboxJob.objects.exclude(last_error="").values_list("topic", "last_error")
    assert list(failed) == []


class Walker:
    """Somebody in front of a browser, who knows the pages' words in their language."""

    def __init__(self, reader: Reader, language: str) -> None:
        self.reader, self.language = reader, language

    @property
    def page(self) -> Page:
        return self.reader.page

    def word(self, text: str) -> str:
        with translation.override(self.language):
            return _(text)

    def go(self, name: str, *arguments: str) -> None:
        status = self.reader.read(reverse(name, args=arguments))
        assert status == 200, self.page.locator("h1").inner_text()

    def press(self, text: str, *, within: Locator | None = None) -> None:
        """Press the button of that name and wait for the page that it leads to."""
        place = within or self.page.locator("main")
        button = place.get_by_role("button", name=self.word(text), exact=True)
        self._leave_by(button.click)

    def follow(self, text: str) -> None:
        """Follow the link whose name begins so."""
        link = self.page.locator("main").get_by_role("link", name=self.word(text))
        self._leave_by(link.first.click)

    def sees(self, text: str) -> None:
        self.page.get_by_text(self.word(text)).first.wait_for()

    def verifies(self, address: str) -> None:
        """What the certificate's code opens, for anybody."""
        assert self.reader.read(address) == 200
        self.sees("Genuine: the exchange issued this document")
        assert self.page.locator("main a[href*='/log/entries/']").count() > 0

    def faults(self) -> list[str]:
        return [*self.reader.faults, *self.reader.policy_faults()]

    def _leave_by(self, click: Callable[[], None]) -> None:
        with self.page.expect_navigation(wait_until="load"):
            click()


class Seller(Walker):
    def publishes(self, file: Path) -> str:
        """Through the six steps of the wizard; the product's id."""
        self.go("web:sell_new")
        self.page.locator("[name=title]").fill(ABOUT["title"])
        self.press("Begin")
        product = urlsplit(self.page.url).path.split("/")[2]
        self._brings(file)
        self.press("Save and go on")
        self.page.locator("[name$=-description]").first.fill("The cell")
        self.press("Save and go on")
        for name, text in ABOUT.items():
            self.page.locator(f"[name={name}]").fill(text)
        for name, code in ABOUT_CHOSEN.items():
            self.page.locator(f"[name={name}]").select_option(code)
        self.press("Save and go on")
        self._licenses()
        self._prices()
        self.press("Submit for review")
        return product

    def _brings(self, file: Path) -> None:
        self.page.locator("form[data-upload] input[type=file]").set_input_files(file)
        self.press("Upload")
        work()
        # The page looks after the file by itself, and comes anew once it was read.
        self.page.locator("[data-watch]").wait_for(state="detached")
        self.page.wait_for_load_state("load")

    def _licenses(self) -> None:
        self.page.locator("[name=template][value=commercial]").check()
        self.page.locator("[name=refund_policy][value=inspection]").check()
        self.page.locator("[name=source_statement]").fill("Measured in a laboratory; public.")
        self.page.locator("[name=grade]").select_option("general_1")
        self.press("Save and go on")

    def _prices(self) -> None:
        form = self.page.locator("#new-offer")
        form.locator("[name=name]").fill("All cycles")
        form.locator("[name=price]").fill(NET)
        self.press("Add the offer")
        self.sees(GROSS)
        self.follow("Go on")

    def names_an_account(self) -> None:
        self.go("web:payout_account")
        self.page.locator("[name=holder]").fill("Pipeline Data")
        self.page.locator("[name=number]").fill("6222021234567890")
        self.press("Use this account")

    def is_paid(self, order: str) -> None:
        """The sale is earned, and after the clearing time it is paid out."""
        self.go("web:earnings")
        row = self.page.locator("tr", has=self.page.locator(f"a[href='/orders/{order}/']"))
        assert GROSS in row.inner_text()
        assert EARNED in row.inner_text()
        reactions.run_due(now=Settlement.objects.get(order__public_id=order).clears_at)
        work()
        self.go("web:payouts")
        payout = self.page.locator("tbody tr")
        assert EARNED in payout.inner_text()
        assert self.word("Paid") in payout.inner_text()


class Staff(Walker):
    """Whoever works for the exchange, in the console."""

    def confirms(self) -> None:
        form = self.page.locator("form", has=self.page.locator("button.bg-primary-600"))
        self._leave_by(form.locator("button.bg-primary-600").click)


class Operator(Staff):
    def lists(self, title: str) -> None:
        """Find the listing in the queue, confirm every stage, and list it."""
        self.go("console:catalog_product_changelist")
        self._leave_by(self.page.get_by_role("link", name=title).first.click)
        self._leave_by(
            self.page.get_by_role("link", name=self.word("Whole review at once")).first.click
        )
        for box in self.page.locator("[name=stages]").all():
            box.check()
        self.confirms()


class Cashier(Staff):
    """Of the exchange's finance: what one of them asks for, another approves."""

    def enters_statement(self, reference: str, folder: Path) -> None:
        """The bank's statement, with one line for the order."""
        statement = folder / "statement.csv"
        statement.write_text(
            "bank_ref,received_on,amount,currency,payer_name,text\n"
            f"B-1,{timezone.localdate().isoformat()},{PAID_IN},CNY,City Gas,{reference}\n"
        )
        self.go("console:payments_incomingtransfer_enter_statement")
        self.page.locator("[name=statement]").set_input_files(statement)
        self.confirms()

    def moves_money(self) -> None:
        """To the provider, for the seller."""
        self.go("console:payments_incomingtransfer_top_up")
        self.page.locator("[name=amount]").fill(PAID_IN)
        self.confirms()

    def approves(self, act: str) -> None:
        """What waits of that name, found in the list."""
        self.go("console:members_approvalrequest_changelist")
        waiting = self.page.locator("#result_list").get_by_role("link", name=self.word(act))
        self._leave_by(waiting.first.click)
        self._leave_by(self.page.locator("a[href$='/approve/'], a[href$='/approve']").first.click)
        self.confirms()
        work()


class Buyer(Walker):
    def finds_and_orders(self, product: str, *, method: str) -> str:
        """From the search to the order; its id."""
        self.go("web:catalogue")
        self.page.locator("#q").fill(SEARCHED[self.language])
        self.press("Search", within=self.page.locator("form[role=search]").last)
        found = self.page.locator(f".listings a[href*='{product}']").first
        self._leave_by(found.click)
        self.follow("Buy")
        self.page.locator(f"[name=method][value={method}]").check()
        self.page.locator("[name=agree]").check()
        self.press("Order and pay")
        return Order.objects.get().public_id

    def pays_by_card(self) -> None:
        """On the provider's page, where ordering has led."""
        assert urlsplit(self.page.url).path.endswith("/test-card/")
        self.press("Pay with this card")
        work()

    def reference(self) -> str:
        """What has to stand on the bank transfer, as the page says where ordering has led."""
        text = self.page.locator("main .copy code, main .copy span").first.inner_text()
        return text.strip()

    def downloads(self, order: str, kind: str) -> str:
        """The SHA-256 of what arrives; the page promised the same."""
        self.go("web:order", order)
        self.follow("Open the data")
        with self.page.expect_download() as arriving:
            self.page.locator(f"a[href$='/{kind}/']").first.click()
        found = hashlib.sha256(Path(arriving.value.path()).read_bytes()).hexdigest()
        assert found in self.page.content()
        return found

    def accepts(self, order: str) -> str:
        """The order is closed; the address that its certificate names for those who check it."""
        self.go("web:order", order)
        self.press("Accept the delivery")
        work()
        self.go("web:order", order)
        self._leave_by(self.page.locator("#order-documents a[href$='/certificate.html']").click)
        printed = self.page.locator("a[href*='/verify/']").first.get_attribute("href")
        return (printed or "").removeprefix(f"http://{self.reader.host}")
