"""The demo's questions about products: one answered, one that waits for the visitor."""

from datetime import datetime, timedelta

from exchange.catalog import questions
from exchange.catalog.models import Question
from exchange.demo.acting import acting
from exchange.demo.demo_listings import product_of


def ask(now: datetime) -> None:
    """Ask both once, by what was said yesterday."""
    if Question.objects.exists():
        return
    at = now - timedelta(hours=19)
    product = product_of("load").public_id
    answered = questions.ask(
        product_id=product,
        text="Does “Full history” cover later revisions, too? “全部历史”是否也包含以后的修订版？",
        shows_name=False,
        actor=acting("analyst", at),
        now=at,
    )
    questions.answer(
        answered.public_id,
        text="It covers what is published when you order. Later revisions come with “With all updates”."
        " 它包含下单时已发布的内容；以后的修订版请选“含全部更新”。",
        actor=acting("seller", at),
        now=at,
    )
    questions.ask(
        product_id=product,
        text="Is the load measured at the feeder or at the transformer? 负荷是在馈线还是在变压器处测得的？",
        shows_name=True,
        actor=acting("insurer", at),
        now=at,
    )
