import accounts.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_guards_of_organisations'),
        ('members', '0007_zone_of_a_founded_exchange'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='vew')),
                ('list_name', models.CharField(max_length=80, verbose_name='list')),
                ('place', models.PositiveSmallIntegerField(verbose_name='place')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('query', models.CharField(max_length=1000, verbose_name='what is asked for')),
                ('at', models.DateTimeField(verbose_name='saved')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organisation', verbose_name='organisation')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_views', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'saved view',
                'verbose_name_plural': 'saved views',
                'ordering': ['place'],
                'constraints': [models.UniqueConstraint(fields=('user', 'organisation', 'list_name', 'place'), name='saved_view_has_a_place_of_its_own'), models.UniqueConstraint(fields=('user', 'organisation', 'list_name', 'name'), name='saved_view_has_a_name_of_its_own'), models.CheckConstraint(condition=models.Q(('place__gte', 1), ('place__lte', 20)), name='saved_views_are_limited'), models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('query', ''), _negated=True), models.Q(('list_name', ''), _negated=True)), name='saved_view_has_a_name_and_asks_for_something')],
            },
        ),
    ]
