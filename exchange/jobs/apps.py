from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "exchange.jobs"
    label = "jobs"
