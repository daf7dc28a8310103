"""What parties of a sale that was shared out gave for the time of a dispute over it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('disputes', '0005_appeals'),
    ]

    operations = [
        migrations.AddField(
            model_name='dispute',
            name='set_aside',
            field=models.JSONField(blank=True, default=list, verbose_name='set aside'),
        ),
    ]
