-- What must never be false in the books, whoever writes. queries/guards.py checks that all of this
-- is in place, function bodies included, before the room posts anything.

-- An account's code and currency stand in the transfer's keys: money of two currencies cannot meet.
ALTER TABLE ledger_transfer
    ADD CONSTRAINT transfer_debit_shares_its_currency
        FOREIGN KEY (debit_id, currency) REFERENCES ledger_account (id, currency),
    ADD CONSTRAINT transfer_credit_shares_its_currency
        FOREIGN KEY (credit_id, currency) REFERENCES ledger_account (id, currency),
    ADD CONSTRAINT transfer_belongs_to_a_posting
        FOREIGN KEY (posting_id) REFERENCES ledger_journalentry (id),
    ADD CONSTRAINT transfer_resolves_a_known_hold
        FOREIGN KEY (pending_of_id) REFERENCES ledger_transfer (id);
ALTER TABLE ledger_openhold
    ADD CONSTRAINT hold_is_a_transfer
        FOREIGN KEY (transfer_id) REFERENCES ledger_transfer (id);
ALTER TABLE ledger_externalref
    ADD CONSTRAINT external_fact_is_a_transfer
        FOREIGN KEY (transfer_id) REFERENCES ledger_transfer (id);

-- Balances change in place all day; room on the page spares the indexes (heap-only updates).
ALTER TABLE ledger_account SET (fillfactor = 50);

CREATE FUNCTION ledger_refuse() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING
        ERRCODE = 'restrict_violation',
        MESSAGE = format('%s refuses this %s: %s', TG_TABLE_NAME, TG_OP, TG_NAME),
        CONSTRAINT = TG_NAME;
END
$$;

-- Balances are applied once for each statement, not for each row: within one transaction every
-- update of a hot row leaves a dead version that nobody may prune, and row by row is 6-8 times slower.
-- Accounts are locked in the order of their ids, so no two postings can wait for each other.
CREATE FUNCTION ledger_apply_transfers() RETURNS trigger
LANGUAGE plpgsql
SET enable_seqscan = off -- plans are kept; one made while tables were small must not outlive that
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    touched bigint[];
    staged boolean;
    late boolean;
    broken text;
    subject text;
BEGIN
    SELECT
        array_agg(f.debit_id) || array_agg(f.credit_id),
        bool_or(f.phase <> 'single'),
        bool_or(f.created_at <> now() OR p.created_at <> now())
    INTO touched, staged, late
    FROM fresh f JOIN ledger_journalentry p ON p.id = f.posting_id;
    IF touched IS NULL THEN
        RETURN NULL;
    END IF;

    SELECT min(a.code) INTO subject
    FROM (
        SELECT code, closed_at FROM ledger_account WHERE id = ANY (touched)
        ORDER BY id FOR NO KEY UPDATE
    ) AS a
    WHERE a.closed_at IS NOT NULL;
    IF subject IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'account_is_open',
            MESSAGE = format('%s is closed', subject), DETAIL = subject;
    END IF;

    IF late THEN -- the clock is the database's, and a posting is never added to afterwards
        RAISE EXCEPTION USING ERRCODE = 'check_violation',
            CONSTRAINT = 'transfer_is_entered_with_its_posting',
            MESSAGE = 'a transfer is entered in the transaction of its posting, at its time';
    END IF;

    IF staged THEN
        SELECT
            CASE
                WHEN p.phase <> 'pending' THEN 'transfer_resolves_only_a_hold'
                WHEN (f.debit_id, f.credit_id, f.currency)
                    IS DISTINCT FROM (p.debit_id, p.credit_id, p.currency)
                    THEN 'transfer_matches_its_hold'
                WHEN f.phase = 'void' AND f.amount_minor <> p.amount_minor
                    THEN 'transfer_voids_the_whole_hold'
                WHEN f.amount_minor > p.amount_minor THEN 'transfer_stays_within_its_hold'
                WHEN f.phase = 'post' AND p.expires_at <= clock_timestamp()
                    THEN 'transfer_takes_its_hold_in_time'
            END,
            p.id::text
        INTO broken, subject
        FROM fresh f JOIN ledger_transfer p ON p.id = f.pending_of_id
        ORDER BY 1 NULLS LAST LIMIT 1;
        IF broken IS NOT NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = broken,
                MESSAGE = format('%s: %s', broken, subject), DETAIL = subject;
        END IF;

        INSERT INTO ledger_openhold (transfer_id, expires_at)
        SELECT id, expires_at FROM fresh WHERE phase = 'pending';
        DELETE FROM ledger_openhold h USING fresh f WHERE h.transfer_id = f.pending_of_id;
    END IF;

    UPDATE ledger_account a
    SET dr_minor = a.dr_minor + change.dr,
        cr_minor = a.cr_minor + change.cr,
        dr_pending_minor = a.dr_pending_minor + change.dr_pending,
        cr_pending_minor = a.cr_pending_minor + change.cr_pending
    FROM (
        SELECT
            side.account_id,
            coalesce(sum(moved) FILTER (WHERE side.on_debit), 0)::bigint AS dr,
            coalesce(sum(moved) FILTER (WHERE NOT side.on_debit), 0)::bigint AS cr,
            coalesce(sum(held) FILTER (WHERE side.on_debit), 0)::bigint AS dr_pending,
            coalesce(sum(held) FILTER (WHERE NOT side.on_debit), 0)::bigint AS cr_pending
        FROM fresh f
        LEFT JOIN ledger_transfer p ON p.id = f.pending_of_id
        CROSS JOIN LATERAL (
            VALUES (f.debit_id, true), (f.credit_id, false)
        ) AS side (account_id, on_debit)
        CROSS JOIN LATERAL (
            SELECT
                CASE WHEN f.phase IN ('single', 'post') THEN f.amount_minor ELSE 0 END AS moved,
                CASE f.phase
                    WHEN 'single' THEN 0
                    WHEN 'pending' THEN f.amount_minor
                    ELSE -p.amount_minor
                END AS held
        ) AS effect
        GROUP BY side.account_id
    ) AS change
    WHERE a.id = change.account_id;
    RETURN NULL;
END
$$;

CREATE TRIGGER transfers_move_balances
    AFTER INSERT ON ledger_transfer REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_apply_transfers();

CREATE TRIGGER transfer_is_final
    BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transfer
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER posting_is_final
    BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_journalentry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER external_ref_is_final
    BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_externalref
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER account_is_kept
    BEFORE DELETE OR TRUNCATE ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER open_holds_are_kept
    BEFORE TRUNCATE ON ledger_openhold
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

-- Depth 0 is a statement that somebody sent; the trigger above writes at depth 1. The triggers name
-- their columns and say little in WHEN, because the server reads WHEN anew for every statement.
CREATE TRIGGER balance_follows_transfers
    BEFORE UPDATE OF dr_minor, cr_minor, dr_pending_minor, cr_pending_minor ON ledger_account
    FOR EACH ROW WHEN (pg_trigger_depth() = 0)
    EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER balance_starts_at_zero
    BEFORE INSERT ON ledger_account
    FOR EACH ROW
    WHEN ((NEW.dr_minor, NEW.cr_minor, NEW.dr_pending_minor, NEW.cr_pending_minor) <> (0, 0, 0, 0))
    EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER account_terms_are_final
    BEFORE UPDATE OF id, public_id, code, owner_id, kind, currency, guard, opened_at, opened_by
    ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER account_stays_closed
    BEFORE UPDATE OF closed_at ON ledger_account
    FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL)
    EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER open_hold_follows_transfers
    BEFORE INSERT OR UPDATE OR DELETE ON ledger_openhold
    FOR EACH ROW WHEN (pg_trigger_depth() = 0)
    EXECUTE FUNCTION ledger_refuse();
