from django.apps import AppConfig


class FlowsConfig(AppConfig):
    name = "exchange.flows"
    label = "flows"

    def ready(self) -> None:
        from exchange.flows import (  # noqa: PLC0415 - models must be loaded first
            negotiation_recording,
            recording,
            usage_recording,
        )

        recording.declare()
        negotiation_recording.declare()
        usage_recording.declare()
