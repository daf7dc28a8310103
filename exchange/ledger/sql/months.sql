-- No posting is dated into a month that is closed, whoever writes it. What is dated within the last half
-- hour cannot be: a month is closed an hour after its end at the earliest, and nobody waits here. Older
-- dates wait for a month that is just being closed, which holds the same lock alone.
CREATE FUNCTION ledger_refuse_closed_months() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    oldest timestamptz;
    closed date;
BEGIN
    SELECT min(effective_at) INTO oldest FROM fresh;
    IF oldest IS NULL OR oldest > clock_timestamp() - interval '30 minutes' THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock_shared(hashtext('ledger_month'));
    SELECT m.first_day INTO closed
    FROM ledger_month m JOIN fresh f ON f.effective_at >= m.begins_at AND f.effective_at < m.ends_at
    WHERE m.state = 'closed'
    LIMIT 1;
    IF closed IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_is_of_an_open_month',
            MESSAGE = format('the month %s is closed', to_char(closed, 'YYYY-MM')),
            DETAIL = to_char(closed, 'YYYY-MM');
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER posting_is_of_an_open_month
    AFTER INSERT ON ledger_journalentry REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_closed_months();
CREATE TRIGGER months_are_kept
    BEFORE DELETE OR TRUNCATE ON ledger_month
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER month_keeps_its_days
    BEFORE UPDATE OF public_id, first_day, begins_at, ends_at ON ledger_month
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
