"""What a seller said of the tables of a draft stays while its file is read again."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0014_visits_are_counted_by_day'),
    ]

    operations = [
        migrations.AddField(
            model_name='revision',
            name='described',
            field=models.JSONField(blank=True, default=list, verbose_name='descriptions'),
        ),
    ]
