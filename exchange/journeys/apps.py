from django.apps import AppConfig


class JourneysConfig(AppConfig):
    name = "exchange.journeys"
    label = "journeys"

    def ready(self) -> None:
        from exchange.journeys import delivery, refunds, standing  # noqa: PLC0415 - models must be loaded first

        delivery.declare()
        refunds.declare()
        standing.declare()
