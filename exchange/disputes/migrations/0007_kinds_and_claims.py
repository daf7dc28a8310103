"""Misuse as a kind of dispute, an end of access as what is asked for, and access that rests meanwhile."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('disputes', '0006_disputes_of_closed_orders'),
    ]

    operations = [
        migrations.AddField(
            model_name='dispute',
            name='paused_step',
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name='step of the entitlement that rests'),
        ),
        migrations.AlterField(
            model_name='dispute',
            name='kind',
            field=models.CharField(choices=[('not_delivered', 'Not delivered, or not all of it'), ('not_as_described', 'Not as described'), ('below_quality', 'Quality below the report'), ('rights_challenged', 'Somebody challenges the rights in the data'), ('misuse', 'The data is used against its terms'), ('wrong_price', 'Price or metering wrong')], max_length=20, verbose_name='what is wrong'),
        ),
        migrations.AlterField(
            model_name='dispute',
            name='outcome',
            field=models.CharField(blank=True, choices=[('released', 'The seller keeps the money'), ('part_refunded', 'Refunded in part'), ('refunded', 'Refunded in full'), ('access_ended', 'The access has ended; the seller keeps the money')], max_length=15, verbose_name='outcome'),
        ),
        migrations.AlterField(
            model_name='dispute',
            name='remedy',
            field=models.CharField(choices=[('refund', 'Refund in full'), ('part', 'Refund of a part'), ('end_access', 'End of the access, with no refund')], max_length=20, verbose_name='asked for'),
        ),
    ]
