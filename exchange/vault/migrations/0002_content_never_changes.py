"""Stored content, what a file is made of, and tables that were read are never changed."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION vault_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: what it holds is never changed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
END $$;

CREATE TRIGGER blobs_are_never_changed
    BEFORE UPDATE ON vault_blob
    FOR EACH ROW EXECUTE FUNCTION vault_refuse_rewriting();
CREATE TRIGGER data_tables_are_never_changed
    BEFORE UPDATE ON vault_datatable
    FOR EACH ROW EXECUTE FUNCTION vault_refuse_rewriting();
CREATE TRIGGER data_files_keep_their_content
    BEFORE UPDATE ON vault_datafile
    FOR EACH ROW WHEN (
        (OLD.public_id, OLD.organisation_id, OLD.blob_id, OLD.synthetic, OLD.created_at)
        IS DISTINCT FROM
        (NEW.public_id, NEW.organisation_id, NEW.blob_id, NEW.synthetic, NEW.created_at)
    ) EXECUTE FUNCTION vault_refuse_rewriting();
CREATE TRIGGER data_files_stay_ready
    BEFORE UPDATE ON vault_datafile
    FOR EACH ROW WHEN (OLD.state = 'ready') EXECUTE FUNCTION vault_refuse_rewriting();
"""

BACKWARD = """
DROP TRIGGER data_files_stay_ready ON vault_datafile;
DROP TRIGGER data_files_keep_their_content ON vault_datafile;
DROP TRIGGER data_tables_are_never_changed ON vault_datatable;
DROP TRIGGER blobs_are_never_changed ON vault_blob;
DROP FUNCTION vault_refuse_rewriting();
"""


class Migration(migrations.Migration):
    dependencies = [("vault", "0001_content_uploads_and_files")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
