from django.db import migrations, models


class Migration(migrations.Migration):
    """What the exchange said to a seller who asked to show a column."""

    dependencies = [("catalog", "0004_flags_and_proposed_offers")]

    operations = [
        migrations.AddField(
            model_name="columnflag",
            name="answer",
            field=models.CharField(blank=True, max_length=2000, verbose_name="answer"),
        )
    ]
