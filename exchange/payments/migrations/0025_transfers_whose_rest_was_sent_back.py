"""What matching found also says that the rest of a transfer was sent back."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0024_distributions_of_months'),
    ]

    operations = [
        migrations.AlterField(
            model_name='incomingtransfer',
            name='outcome',
            field=models.CharField(blank=True, choices=[('exact', 'Exactly the amount'), ('too_little', 'Too little: the rest is still to come'), ('too_much', 'Too much: the rest is to be sent back'), ('returned', 'Too much: the rest was sent back'), ('unknown', 'No payment has this reference')], max_length=12, verbose_name='outcome'),
        ),
    ]
