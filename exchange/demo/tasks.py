"""What the demo does by the clock: auctions that ended are held again, so that there is one to bid in."""

import structlog
from celery import shared_task

from exchange.demo import auctions

log = structlog.get_logger(__name__)


@shared_task(name="demo.renew_auctions")
def renew_auctions() -> None:
    """Hold each auction of the stories anew that is over. At a start what is overdue is done at once."""
    renewed = auctions.renew()
    if renewed:
        log.info("demo.auctions.renewed", count=renewed)
