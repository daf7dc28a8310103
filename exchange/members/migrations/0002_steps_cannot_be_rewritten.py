"""Steps are append-only, decided proposals are final, and standing follows the newest step.

The last is checked when the transaction commits, since a step and its admission are two rows.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION members_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: its rows are never changed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
END $$;

CREATE TRIGGER admission_steps_are_never_changed
    BEFORE UPDATE OR DELETE ON members_admissionstep
    FOR EACH ROW EXECUTE FUNCTION members_refuse_rewriting();
CREATE TRIGGER admission_steps_are_never_emptied
    BEFORE TRUNCATE ON members_admissionstep
    FOR EACH STATEMENT EXECUTE FUNCTION members_refuse_rewriting();
CREATE TRIGGER decided_proposals_are_final
    BEFORE UPDATE ON members_proposal
    FOR EACH ROW WHEN (OLD.decision <> 'open') EXECUTE FUNCTION members_refuse_rewriting();
CREATE TRIGGER proposals_are_never_deleted
    BEFORE DELETE ON members_proposal
    FOR EACH ROW EXECUTE FUNCTION members_refuse_rewriting();
CREATE TRIGGER proposals_are_never_emptied
    BEFORE TRUNCATE ON members_proposal
    FOR EACH STATEMENT EXECUTE FUNCTION members_refuse_rewriting();

CREATE FUNCTION members_check_admission(checked bigint, rule text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM members_admission AS a
        JOIN members_admissionstep AS s ON s.admission_id = a.id AND s.number = a.steps_count
        WHERE a.id = checked AND s.to_standing = a.standing
    ) OR EXISTS (
        SELECT FROM members_admissionstep AS s
        LEFT JOIN members_admissionstep AS p
            ON p.admission_id = s.admission_id AND p.number = s.number - 1
        JOIN members_admission AS a ON a.id = s.admission_id
        WHERE s.admission_id = checked
            AND (s.number NOT BETWEEN 1 AND a.steps_count
                OR s.from_standing <> COALESCE(p.to_standing, ''))
    ) THEN
        RAISE EXCEPTION 'admission % does not stand where its steps lead', checked
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = rule;
    END IF;
END $$;

CREATE FUNCTION members_admission_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM members_check_admission(NEW.id, TG_NAME);
    RETURN NULL;
END $$;
CREATE FUNCTION members_step_is_followed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM members_check_admission(NEW.admission_id, TG_NAME);
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER admission_stands_where_its_steps_lead
    AFTER INSERT OR UPDATE OF standing, steps_count ON members_admission
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION members_admission_follows();
CREATE CONSTRAINT TRIGGER admission_steps_follow_each_other
    AFTER INSERT ON members_admissionstep
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION members_step_is_followed();
"""

BACKWARD = """
DROP TRIGGER admission_steps_follow_each_other ON members_admissionstep;
DROP TRIGGER admission_stands_where_its_steps_lead ON members_admission;
DROP FUNCTION members_step_is_followed();
DROP FUNCTION members_admission_follows();
DROP FUNCTION members_check_admission(bigint, text);
DROP TRIGGER proposals_are_never_emptied ON members_proposal;
DROP TRIGGER proposals_are_never_deleted ON members_proposal;
DROP TRIGGER decided_proposals_are_final ON members_proposal;
DROP TRIGGER admission_steps_are_never_emptied ON members_admissionstep;
DROP TRIGGER admission_steps_are_never_changed ON members_admissionstep;
DROP FUNCTION members_refuse_rewriting();
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0001_admission_and_roles")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
