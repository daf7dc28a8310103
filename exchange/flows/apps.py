from django.apps import AppConfig


class FlowsConfig(AppConfig):
    name = "exchange.flows"
    label = "flows"
