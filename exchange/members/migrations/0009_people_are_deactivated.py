import accounts.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from exchange.core.guards import Frozen, NeverDeleted

# Whoever saves a person's row as it was read before must not let them in again.
STAYS_OUT = """
CREATE FUNCTION members_person_stays_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM members_deactivation WHERE user_id = NEW.id AND state = 'out'
    ) THEN
        RAISE EXCEPTION 'the account of person % is out of use', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'person_out_of_use_stays_out';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER person_out_of_use_stays_out BEFORE UPDATE ON accounts_user
    FOR EACH ROW WHEN (NEW.is_active AND NOT OLD.is_active)
    EXECUTE FUNCTION members_person_stays_out();
"""
MAY_COME_BACK = """
DROP TRIGGER person_out_of_use_stays_out ON accounts_user;
DROP FUNCTION members_person_stays_out();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_sessions_can_be_ended'),
        ('members', '0008_saved_views'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Deactivation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='dea')),
                ('state', models.CharField(choices=[('out', 'Out of use'), ('back', 'In use again')], default='out', max_length=10, verbose_name='state')),
                ('reason', models.TextField(max_length=2000, verbose_name='reason')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('restore_reason', models.TextField(blank=True, max_length=2000, verbose_name='reason to bring it back')),
                ('restored_at', models.DateTimeField(blank=True, null=True, verbose_name='in use again')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('restore_asked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked for by')),
                ('restored_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='approved by')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deactivations', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'account out of use',
                'verbose_name_plural': 'accounts out of use',
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'out')), fields=('user',), name='person_is_deactivated_once'), models.CheckConstraint(condition=models.Q(('by', models.F('user')), _negated=True), name='nobody_deactivates_their_own_account'), models.CheckConstraint(condition=models.Q(models.Q(('restore_asked_by', None), ('restore_reason', ''), ('restored_at', None), ('restored_by', None), ('state', 'out')), models.Q(('restored_at__gte', models.F('at')), ('restored_by__isnull', False), ('state', 'back'), ('restore_asked_by__isnull', False), models.Q(('restore_asked_by', models.F('restored_by')), _negated=True), models.Q(('restore_reason', ''), _negated=True)), _connector='OR'), name='deactivation_is_lifted_by_two')],
            },
        ),
        NeverDeleted('deactivation', name='deactivations'),
        Frozen('deactivation', when="OLD.state <> 'out'", name='lifted_deactivations_are_final'),
        Frozen(
            'deactivation',
            fields=('public_id', 'user', 'reason', 'by', 'at'),
            name='why_an_account_is_out_of_use_stays',
        ),
        migrations.RunSQL(STAYS_OUT, MAY_COME_BACK),
    ]
