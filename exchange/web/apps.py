from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "exchange.web"
    label = "web"

    def ready(self) -> None:
        from exchange.web import links  # noqa: PLC0415 - models must be loaded first

        links.declare()
