from django.db import migrations, models

import accounts.ids

KINDS = [
    ("invoice", "Invoice"),
    ("credit_note", "Credit note"),
    ("statement", "Settlement statement"),
    ("payout_statement", "Payout statement"),
    ("month_statement", "Monthly statement"),
]


class Migration(migrations.Migration):
    dependencies = [("payments", "0011_waiting_payments_by_amount")]

    operations = [
        migrations.CreateModel(
            name="StatementRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", accounts.ids.PublicIdField(prefix="srn")),
                ("first_day", models.DateField(unique=True, verbose_name="first day")),
                ("sellers_count", models.PositiveIntegerField(default=0, verbose_name="sellers")),
                ("done_count", models.PositiveIntegerField(default=0, verbose_name="sellers done")),
                (
                    "issued_count",
                    models.PositiveIntegerField(default=0, verbose_name="statements issued"),
                ),
                (
                    "refused_count",
                    models.PositiveIntegerField(
                        default=0, verbose_name="would change in a closed month"
                    ),
                ),
                ("last_seller_key", models.BigIntegerField(default=0, verbose_name="last seller")),
                ("until_seq", models.BigIntegerField(default=0, verbose_name="newest transfer")),
                ("started_by", models.CharField(max_length=200, verbose_name="started by")),
                ("started_at", models.DateTimeField(verbose_name="started")),
                (
                    "finished_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="finished"),
                ),
            ],
            options={
                "verbose_name": "run of monthly statements",
                "verbose_name_plural": "runs of monthly statements",
                "ordering": ["-first_day"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("first_day__day", 1)), name="statement_run_is_of_a_month"
                    )
                ],
            },
        ),
        migrations.AlterField(
            model_name="document",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=20, verbose_name="kind"),
        ),
        migrations.AlterField(
            model_name="numberseries",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=20, verbose_name="kind"),
        ),
    ]
