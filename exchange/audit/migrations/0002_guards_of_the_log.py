"""What the database refuses: rewriting the log, and leaves or heads that do not continue it."""

from django.db import migrations

APPEND_ONLY = ("audit_record", "audit_leaf", "audit_node", "audit_head")

REFUSE = """
CREATE FUNCTION audit_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: the transparency log is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
END $$;
"""

GUARD = """
CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_rewriting();
"""

# An edited value would no longer fit its commitment; erasing is what deletion is for.
GUARD_DISCLOSURE = """
CREATE TRIGGER audit_disclosure_is_never_edited BEFORE UPDATE ON audit_disclosure
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_rewriting();
"""

# Once per statement, so that a batch of a thousand leaves pays for one look.
LEAVES_CONTINUE = """
CREATE FUNCTION audit_leaves_continue() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    low bigint; high bigint; many bigint; before bigint;
BEGIN
    SELECT min(index), max(index), count(*) INTO low, high, many FROM added;
    SELECT coalesce(max(index), -1) INTO before FROM audit_leaf WHERE index < low;
    IF many > 0 AND (low <> before + 1 OR high <> low + many - 1) THEN
        RAISE EXCEPTION 'leaves % to % do not continue the log after leaf %', low, high, before
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_leaf_has_no_gap AFTER INSERT ON audit_leaf
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION audit_leaves_continue();
"""

HEADS_CONTINUE = """
CREATE FUNCTION audit_head_covers_the_leaves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.tree_size <> (SELECT coalesce(max(index), -1) + 1 FROM audit_leaf) THEN
        RAISE EXCEPTION 'a head of size % does not cover exactly the leaves there are', NEW.tree_size
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_head_covers_all_leaves BEFORE INSERT ON audit_head
    FOR EACH ROW EXECUTE FUNCTION audit_head_covers_the_leaves();
"""

# The queue's rows live for a fraction of a second: vacuum by number of rows, not by share.
QUEUE = """
ALTER TABLE audit_pending SET (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_insert_threshold = -1, autovacuum_vacuum_cost_delay = 0
);
"""

UNDO = """
DROP TRIGGER audit_head_covers_all_leaves ON audit_head;
DROP FUNCTION audit_head_covers_the_leaves();
DROP TRIGGER audit_leaf_has_no_gap ON audit_leaf;
DROP FUNCTION audit_leaves_continue();
DROP TRIGGER audit_disclosure_is_never_edited ON audit_disclosure;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_the_log_and_its_tree")]
    operations = [
        migrations.RunSQL(
            REFUSE
            + "".join(GUARD.format(table=table) for table in APPEND_ONLY)
            + GUARD_DISCLOSURE
            + LEAVES_CONTINUE
            + HEADS_CONTINUE
            + QUEUE,
            UNDO
            + "".join(f"DROP TRIGGER {table}_is_append_only ON {table};" for table in APPEND_ONLY)
            + "DROP FUNCTION audit_refuse_rewriting();",
        )
    ]
