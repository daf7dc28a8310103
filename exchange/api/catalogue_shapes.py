"""The shapes of the catalogue's answers."""

from typing import Any

from rest_framework import serializers


class CardShape(serializers.Serializer[Any]):
    """A listed product as lists show it. Prices are net, in minor units."""

    id = serializers.CharField()
    url = serializers.URLField()
    title = serializers.CharField()
    title_zh = serializers.CharField()
    summary = serializers.CharField()
    summary_zh = serializers.CharField()
    seller = serializers.CharField()
    kind = serializers.CharField()
    industry = serializers.CharField()
    region = serializers.CharField()
    rhythm = serializers.CharField()
    delivery = serializers.CharField()
    formats = serializers.ListField(child=serializers.CharField())
    allowed = serializers.ListField(child=serializers.CharField())
    score = serializers.CharField(allow_null=True)
    grade = serializers.CharField()
    rows = serializers.IntegerField(allow_null=True)
    columns = serializers.IntegerField(allow_null=True)
    price_minor = serializers.IntegerField(allow_null=True)
    currency = serializers.CharField(allow_null=True)
    period = serializers.CharField()
    offers = serializers.IntegerField()
    has_sample = serializers.BooleanField()
    synthetic = serializers.BooleanField()
    revision = serializers.IntegerField(allow_null=True)
    listed_at = serializers.DateTimeField(allow_null=True)


class CataloguePageShape(serializers.Serializer[Any]):
    """A page of the catalogue. Where `total_is_lower_bound`, so are the figures of the facets."""

    items = CardShape(many=True)
    next = serializers.URLField(allow_null=True)
    total = serializers.IntegerField()
    total_is_lower_bound = serializers.BooleanField()
    some_words_only = serializers.BooleanField()
    facets = serializers.DictField(child=serializers.DictField(child=serializers.IntegerField()))


class RevisionShape(serializers.Serializer[Any]):
    """A published revision."""

    id = serializers.CharField()
    number = serializers.IntegerField()
    state = serializers.CharField()
    note = serializers.CharField()
    published_at = serializers.DateTimeField(allow_null=True)
    difference = serializers.DictField()


class TableShape(serializers.Serializer[Any]):
    """A table of the newest revision: dictionary, profile, quality, coverage and preview."""

    id = serializers.CharField()
    document = serializers.DictField()
    has_sample = serializers.BooleanField()


class OfferShape(serializers.Serializer[Any]):
    """An offer in force. The price is net, in minor units."""

    id = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    currency = serializers.CharField()
    price_minor = serializers.IntegerField()
    period = serializers.CharField()
    access_days = serializers.IntegerField(allow_null=True)
    history = serializers.CharField()
    history_count = serializers.IntegerField(allow_null=True)
    future = serializers.CharField()
    plan = serializers.DictField()


class OpinionShape(serializers.Serializer[Any]):
    """Reviews in figures."""

    count = serializers.IntegerField()
    stars = serializers.FloatField(allow_null=True)


class ProductShape(serializers.Serializer[Any]):
    """All that the page of a product shows."""

    id = serializers.CharField()
    page = serializers.URLField()
    kind = serializers.CharField()
    title = serializers.CharField()
    title_zh = serializers.CharField()
    summary = serializers.CharField()
    summary_zh = serializers.CharField()
    description = serializers.CharField()
    description_zh = serializers.CharField()
    seller = serializers.CharField()
    industry = serializers.CharField()
    region = serializers.CharField()
    rhythm = serializers.CharField()
    scenarios = serializers.ListField(child=serializers.CharField())
    keywords = serializers.ListField(child=serializers.CharField())
    licence = serializers.DictField()
    refund_policy = serializers.CharField()
    source_statement = serializers.CharField()
    personal_statement = serializers.CharField()
    grade = serializers.CharField()
    delivery = serializers.CharField()
    synthetic = serializers.BooleanField()
    listed_at = serializers.DateTimeField()
    order_obstacle = serializers.CharField(
        help_text="The refusal that every order meets at the moment; empty where it can be ordered."
    )
    tables = TableShape(many=True)
    revisions = RevisionShape(many=True)
    offers = OfferShape(many=True)
    reviews = OpinionShape()
