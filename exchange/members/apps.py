from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "exchange.members"
    label = "members"
