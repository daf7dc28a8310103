"""What a reading asks and what was answered. A ready file may be read again, once its tables are gone."""

from django.db import migrations, models

FORWARD = """
DROP TRIGGER data_files_stay_ready ON vault_datafile;
CREATE FUNCTION vault_refuse_with_tables() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM vault_datatable WHERE file_id = OLD.id) THEN
        RAISE EXCEPTION 'A file with tables stays ready'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER data_files_stay_ready
    BEFORE UPDATE ON vault_datafile
    FOR EACH ROW WHEN (OLD.state = 'ready' AND NEW.state <> 'stored')
    EXECUTE FUNCTION vault_refuse_rewriting();
CREATE TRIGGER data_files_with_tables_stay_ready
    BEFORE UPDATE ON vault_datafile
    FOR EACH ROW WHEN (OLD.state = 'ready' AND NEW.state = 'stored')
    EXECUTE FUNCTION vault_refuse_with_tables();
"""

BACKWARD = """
DROP TRIGGER data_files_with_tables_stay_ready ON vault_datafile;
DROP TRIGGER data_files_stay_ready ON vault_datafile;
DROP FUNCTION vault_refuse_with_tables();
CREATE TRIGGER data_files_stay_ready
    BEFORE UPDATE ON vault_datafile
    FOR EACH ROW WHEN (OLD.state = 'ready') EXECUTE FUNCTION vault_refuse_rewriting();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('vault', '0003_rows_are_dated_by_the_databases_clock'),
    ]

    operations = [
        migrations.AddField(
            model_name='datafile',
            name='questions',
            field=models.JSONField(blank=True, default=list, verbose_name='questions'),
        ),
        migrations.AddField(
            model_name='datafile',
            name='answers',
            field=models.JSONField(blank=True, default=list, verbose_name='answers'),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
