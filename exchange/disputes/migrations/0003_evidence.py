"""Files that a side hands in stay as they came."""

import accounts.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from exchange.core.guards import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_purchases_with_keys"),
        ("disputes", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DisputeFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", accounts.ids.PublicIdField(prefix="dsf")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("media_type", models.CharField(max_length=40, verbose_name="type")),
                ("size_bytes", models.PositiveIntegerField(verbose_name="size")),
                ("sha256", models.CharField(max_length=64, verbose_name="content hash")),
                ("uploaded_at", models.DateTimeField(verbose_name="handed in")),
                (
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="disputes.dispute",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                        verbose_name="for",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "evidence",
                "verbose_name_plural": "evidence",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("dispute", "organisation", "sha256"),
                        name="dispute_file_is_kept_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("size_bytes__gt", 0), ("size_bytes__lte", 10485760)),
                        name="dispute_file_size_is_bounded",
                    ),
                ],
            },
        ),
        AppendOnly("disputefile", name="dispute_files"),
    ]
