from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [('accounts', '0007_sessions_can_be_ended')]

    operations = [
        migrations.AlterModelOptions(
            name='user',
            options={'verbose_name': 'person', 'verbose_name_plural': 'people'},
        ),
    ]
