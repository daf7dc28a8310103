"""An inbox is read in the order in which its notices were told."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notices', '0001_notices_and_mail_preferences'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='notice',
            options={'ordering': ['-at', '-id'], 'verbose_name': 'notice', 'verbose_name_plural': 'notices'},
        ),
        migrations.RemoveIndex(
            model_name='notice',
            name='notice_newest_of_user',
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(fields=['user', '-at', '-id'], name='notice_newest_of_user'),
        ),
    ]
