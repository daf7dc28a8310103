"""Organisations divide what they earn among their departments: versions of a split, never changed."""

import accounts.ids
import django.db.models.deletion
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models

from exchange.core.guards import AppendOnly

# All percentages of a split are the whole, once the transaction that wrote them ends; a version that is written
# gets no further department.
WHOLE = """
CREATE FUNCTION payments_split_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(percent) FROM payments_department WHERE split_id = NEW.split_id) <> 100 THEN
        RAISE EXCEPTION 'the departments of split % do not sum to 100', NEW.split_id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER departments_are_the_whole AFTER INSERT ON payments_department
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_split_is_whole();
"""
UNWHOLE = """
DROP TRIGGER departments_are_the_whole ON payments_department;
DROP FUNCTION payments_split_is_whole();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_purchases_with_keys'),
        ('payments', '0019_saved_cards'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DepartmentSplit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='dpt')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('holds_from', models.DateField(verbose_name='holds from')),
                ('set_at', models.DateTimeField(verbose_name='set')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='department_splits', to='accounts.organisation', verbose_name='organisation')),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='set by')),
            ],
            options={
                'verbose_name': 'split among departments',
                'verbose_name_plural': 'splits among departments',
                'ordering': ['organisation_id', '-number'],
            },
        ),
        migrations.CreateModel(
            name='Department',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='position')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('percent', models.DecimalField(decimal_places=4, max_digits=7, verbose_name='percent')),
                ('split', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='departments', to='payments.departmentsplit')),
            ],
            options={
                'verbose_name': 'department',
                'verbose_name_plural': 'departments',
                'ordering': ['split_id', 'position'],
            },
        ),
        migrations.AddConstraint(
            model_name='departmentsplit',
            constraint=models.UniqueConstraint(fields=('organisation', 'number'), name='department_split_number_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='departmentsplit',
            constraint=models.CheckConstraint(condition=models.Q(('holds_from__day', 1)), name='department_split_holds_from_a_first_day'),
        ),
        migrations.AddConstraint(
            model_name='department',
            constraint=models.UniqueConstraint(fields=('split', 'position'), name='department_position_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='department',
            constraint=models.UniqueConstraint(fields=('split', 'name'), name='department_is_named_once'),
        ),
        migrations.AddConstraint(
            model_name='department',
            constraint=models.CheckConstraint(condition=models.Q(('percent__gt', 0), ('percent__lte', Decimal('100'))), name='department_gets_a_part'),
        ),
        migrations.AddConstraint(
            model_name='department',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='department_has_a_name'),
        ),
        AppendOnly("departmentsplit", name="department_splits"),
        AppendOnly("department", name="departments"),
        migrations.RunSQL(WHOLE, UNWHOLE),
    ]
