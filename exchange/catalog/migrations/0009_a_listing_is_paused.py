"""Sellers may pause a listing; what is suspended meanwhile goes back to where it was."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0008_shares_confirmed_by_month'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='listingstep',
            name='listing_step_is_legal',
        ),
        migrations.RemoveConstraint(
            model_name='product',
            name='product_state_is_known',
        ),
        migrations.RemoveConstraint(
            model_name='product',
            name='product_listed_knows_since_when',
        ),
        migrations.AlterField(
            model_name='product',
            name='state',
            field=models.CharField(choices=[('draft', 'Draft'), ('submitted', 'Submitted'), ('compliance_review', 'Compliance review'), ('quality_review', 'Quality review'), ('price_review', 'Price review'), ('returned', 'Returned for changes'), ('rejected', 'Rejected'), ('approved', 'Approved'), ('listed', 'Listed'), ('paused', 'Paused'), ('suspended', 'Suspended'), ('delisted', 'Delisted'), ('archived', 'Archived')], default='draft', max_length=20, verbose_name='state'),
        ),
        migrations.AddConstraint(
            model_name='listingstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('source', ''), ('target', 'draft'), ('transition', 'draft')), models.Q(('source', 'draft'), ('target', 'submitted'), ('transition', 'submit')), models.Q(('source', 'returned'), ('target', 'submitted'), ('transition', 'submit')), models.Q(('source', 'compliance_review'), ('target', 'draft'), ('transition', 'recall')), models.Q(('source', 'price_review'), ('target', 'draft'), ('transition', 'recall')), models.Q(('source', 'quality_review'), ('target', 'draft'), ('transition', 'recall')), models.Q(('source', 'submitted'), ('target', 'draft'), ('transition', 'recall')), models.Q(('source', 'submitted'), ('target', 'compliance_review'), ('transition', 'take_up')), models.Q(('source', 'compliance_review'), ('target', 'quality_review'), ('transition', 'pass_compliance')), models.Q(('source', 'quality_review'), ('target', 'price_review'), ('transition', 'pass_quality')), models.Q(('source', 'listed'), ('target', 'listed'), ('transition', 'first_approval')), models.Q(('source', 'paused'), ('target', 'paused'), ('transition', 'first_approval')), models.Q(('source', 'price_review'), ('target', 'price_review'), ('transition', 'first_approval')), models.Q(('source', 'suspended'), ('target', 'suspended'), ('transition', 'first_approval')), models.Q(('source', 'price_review'), ('target', 'approved'), ('transition', 'approve')), models.Q(('source', 'approved'), ('target', 'listed'), ('transition', 'list')), models.Q(('source', 'approved'), ('target', 'returned'), ('transition', 'return')), models.Q(('source', 'compliance_review'), ('target', 'returned'), ('transition', 'return')), models.Q(('source', 'price_review'), ('target', 'returned'), ('transition', 'return')), models.Q(('source', 'quality_review'), ('target', 'returned'), ('transition', 'return')), models.Q(('source', 'submitted'), ('target', 'returned'), ('transition', 'return')), models.Q(('source', 'approved'), ('target', 'rejected'), ('transition', 'reject')), models.Q(('source', 'compliance_review'), ('target', 'rejected'), ('transition', 'reject')), models.Q(('source', 'price_review'), ('target', 'rejected'), ('transition', 'reject')), models.Q(('source', 'quality_review'), ('target', 'rejected'), ('transition', 'reject')), models.Q(('source', 'submitted'), ('target', 'rejected'), ('transition', 'reject')), models.Q(('source', 'listed'), ('target', 'listed'), ('transition', 'propose_change')), models.Q(('source', 'paused'), ('target', 'paused'), ('transition', 'propose_change')), models.Q(('source', 'suspended'), ('target', 'suspended'), ('transition', 'propose_change')), models.Q(('source', 'listed'), ('target', 'listed'), ('transition', 'take_change_back')), models.Q(('source', 'paused'), ('target', 'paused'), ('transition', 'take_change_back')), models.Q(('source', 'suspended'), ('target', 'suspended'), ('transition', 'take_change_back')), models.Q(('source', 'listed'), ('target', 'listed'), ('transition', 'accept_change')), models.Q(('source', 'paused'), ('target', 'paused'), ('transition', 'accept_change')), models.Q(('source', 'suspended'), ('target', 'suspended'), ('transition', 'accept_change')), models.Q(('source', 'listed'), ('target', 'listed'), ('transition', 'decline_change')), models.Q(('source', 'paused'), ('target', 'paused'), ('transition', 'decline_change')), models.Q(('source', 'suspended'), ('target', 'suspended'), ('transition', 'decline_change')), models.Q(('source', 'listed'), ('target', 'suspended'), ('transition', 'suspend')), models.Q(('source', 'paused'), ('target', 'suspended'), ('transition', 'suspend')), models.Q(('source', 'suspended'), ('target', 'listed'), ('transition', 'resume')), models.Q(('source', 'suspended'), ('target', 'paused'), ('transition', 'resume_paused')), models.Q(('source', 'listed'), ('target', 'paused'), ('transition', 'pause')), models.Q(('source', 'paused'), ('target', 'listed'), ('transition', 'relist')), models.Q(('source', 'approved'), ('target', 'delisted'), ('transition', 'delist')), models.Q(('source', 'listed'), ('target', 'delisted'), ('transition', 'delist')), models.Q(('source', 'paused'), ('target', 'delisted'), ('transition', 'delist')), models.Q(('source', 'suspended'), ('target', 'delisted'), ('transition', 'delist')), models.Q(('source', 'delisted'), ('target', 'archived'), ('transition', 'archive')), models.Q(('source', 'draft'), ('target', 'archived'), ('transition', 'archive')), models.Q(('source', 'rejected'), ('target', 'archived'), ('transition', 'archive')), models.Q(('source', 'returned'), ('target', 'archived'), ('transition', 'archive')), _connector='OR'), name='listing_step_is_legal'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'submitted', 'compliance_review', 'quality_review', 'price_review', 'returned', 'rejected', 'approved', 'listed', 'paused', 'suspended', 'delisted', 'archived'])), name='product_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['listed', 'paused', 'suspended']), _negated=True), ('listed_at__isnull', False), _connector='OR'), name='product_listed_knows_since_when'),
        ),
    ]
