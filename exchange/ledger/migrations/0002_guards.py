"""The guards of the books and the function that posts; the SQL is in exchange/ledger/sql/."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_accounts_and_postings")]

    operations = [
        migrations.RunSQL((SQL / "guards.sql").read_text()),
        migrations.RunSQL((SQL / "post.sql").read_text()),
    ]
