"""Orders whose seller delivers again, and subscriptions that last longer."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0006_rulings_end_the_access'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='orderstep',
            name='order_step_is_legal',
        ),
        migrations.AddField(
            model_name='subscription',
            name='extended_days',
            field=models.PositiveIntegerField(default=0, verbose_name='extended by days'),
        ),
        migrations.AlterField(
            model_name='ruling',
            name='transition',
            field=models.CharField(choices=[('place', 'Order placed'), ('confirm', 'Order confirmed'), ('decline', "Order declined by the buyer's second person"), ('sign', 'Contract concluded on the frozen terms'), ('payment_failed', 'Payment failed'), ('pay', 'Payment received and held'), ('prepare', 'Delivery started'), ('delay', 'Delivery held up'), ('deliver', 'Delivered'), ('accept', 'Accepted by the buyer'), ('auto_accept', 'Accepted, since the time to object is over'), ('object', 'Dispute opened; the money stays held'), ('deliver_anew', 'The seller delivers again; the money stays held'), ('release', 'Money released by the exchange'), ('refund', 'Refunded in full by the exchange'), ('money_back', 'Refunded in full'), ('settle', 'Settled'), ('invoice', 'Invoiced'), ('certify', 'Trading certificate issued'), ('close', 'Closed'), ('cancel', 'Cancelled by the buyer'), ('lapse', 'Cancelled, since the time for it is over')], max_length=20, verbose_name='ruling'),
        ),
        migrations.AddConstraint(
            model_name='orderstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('source', ''), ('target', 'created'), ('transition', 'place')), models.Q(('source', 'created'), ('target', 'confirmed'), ('transition', 'confirm')), models.Q(('source', 'created'), ('target', 'cancelled'), ('transition', 'decline')), models.Q(('source', 'confirmed'), ('target', 'contract_signed'), ('transition', 'sign')), models.Q(('source', 'contract_signed'), ('target', 'contract_signed'), ('transition', 'payment_failed')), models.Q(('source', 'contract_signed'), ('target', 'escrowed'), ('transition', 'pay')), models.Q(('source', 'contract_signed'), ('target', 'delivering'), ('transition', 'prepare')), models.Q(('source', 'escrowed'), ('target', 'delivering'), ('transition', 'prepare')), models.Q(('source', 'delivering'), ('target', 'delivering'), ('transition', 'delay')), models.Q(('source', 'delivering'), ('target', 'delivered'), ('transition', 'deliver')), models.Q(('source', 'delivered'), ('target', 'accepted'), ('transition', 'accept')), models.Q(('source', 'delivered'), ('target', 'accepted'), ('transition', 'auto_accept')), models.Q(('source', 'delivered'), ('target', 'objected'), ('transition', 'object')), models.Q(('source', 'objected'), ('target', 'delivering'), ('transition', 'deliver_anew')), models.Q(('source', 'objected'), ('target', 'accepted'), ('transition', 'release')), models.Q(('source', 'delivering'), ('target', 'refunded'), ('transition', 'refund')), models.Q(('source', 'escrowed'), ('target', 'refunded'), ('transition', 'refund')), models.Q(('source', 'objected'), ('target', 'refunded'), ('transition', 'refund')), models.Q(('source', 'delivered'), ('target', 'refunded'), ('transition', 'money_back')), models.Q(('source', 'delivering'), ('target', 'refunded'), ('transition', 'money_back')), models.Q(('source', 'escrowed'), ('target', 'refunded'), ('transition', 'money_back')), models.Q(('source', 'objected'), ('target', 'refunded'), ('transition', 'money_back')), models.Q(('source', 'accepted'), ('target', 'settled'), ('transition', 'settle')), models.Q(('source', 'settled'), ('target', 'invoiced'), ('transition', 'invoice')), models.Q(('source', 'accepted'), ('target', 'certificate_issued'), ('transition', 'certify')), models.Q(('source', 'invoiced'), ('target', 'certificate_issued'), ('transition', 'certify')), models.Q(('source', 'certificate_issued'), ('target', 'closed'), ('transition', 'close')), models.Q(('source', 'contract_signed'), ('target', 'cancelled'), ('transition', 'cancel')), models.Q(('source', 'created'), ('target', 'cancelled'), ('transition', 'cancel')), models.Q(('source', 'contract_signed'), ('target', 'cancelled'), ('transition', 'lapse')), models.Q(('source', 'created'), ('target', 'cancelled'), ('transition', 'lapse')), _connector='OR'), name='order_step_is_legal'),
        ),
    ]
