"""A ruling ends the access of a buyer that used the data against its terms."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0005_rulings_refund_a_part'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='ruling',
            name='ends_access',
            field=models.BooleanField(default=False, verbose_name='ends the access'),
        ),
        migrations.AlterField(
            model_name='ruling',
            name='reason_code',
            field=models.CharField(choices=[('as_described', 'The data is as described; the objection is not founded.'), ('agreed', 'Buyer and seller agreed on this.'), ('not_as_described', 'The data differs from its description.'), ('not_readable', 'The files could not be opened or were incomplete.'), ('not_delivered', 'The delivery could not be made.'), ('misused', 'The data was used against its terms.'), ('rights_doubtful', "The seller's rights in the data are in doubt."), ('withdrawn', 'The dispute was withdrawn.'), ('conceded', 'The other side agreed to what was asked for.'), ('unanswered', 'A side did not answer in time.'), ('other', 'Another reason, given in words.')], max_length=40, verbose_name='kind of reason'),
        ),
        migrations.AddConstraint(
            model_name='ruling',
            constraint=models.CheckConstraint(condition=models.Q(('ends_access', False), models.Q(('refund_minor', None), ('transition', 'release')), _connector='OR'), name='ruling_ends_access_where_it_releases_all'),
        ),
    ]
