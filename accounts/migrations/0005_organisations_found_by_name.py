"""Organisations are found by their whole name, and by words that begin as what was typed."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_purchases_with_keys")]

    operations = [
        migrations.AddIndex(
            model_name="organisation",
            index=models.Index(Upper("name"), name="organisation_called"),
        ),
        migrations.AddIndex(
            model_name="organisation",
            index=GinIndex(SearchVector("name", config="simple"), name="organisation_name_words"),
        ),
    ]
