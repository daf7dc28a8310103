from django.apps import AppConfig


class FlowsConfig(AppConfig):
    name = "exchange.flows"
    label = "flows"

    def ready(self) -> None:
        from exchange.flows import negotiation_recording  # noqa: PLC0415 - models must be loaded first

        negotiation_recording.declare()
