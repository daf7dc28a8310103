-- Writes postings with their transfers and external references, all or none, in one round trip.
--
-- postings:  [{n, scope, key, fingerprint, kind, subject, actor, effective_at}], n from 1 in the
--            order of scope and key, so that two batches wait for each other's keys in one order
-- transfers: [{n, id, step, phase, debit, credit, currency, amount, kind, pending_of, expires_at}]
-- refs:      [{n, transfer, psp, object_type, object_id, kind}] or null
-- codes, holds: every account and every hold that the transfers name
--
-- Answers ids and times in the order of n, and which postings are new (null: all are). Where the books refuse, `refused` names the constraint
-- that stood in the way and `detail` says where; the refusal undoes what was written here and leaves
-- the caller's transaction usable: a savepoint inside the server costs no round trip under the lock.
--
-- Postings come first: a repeated key answers without waiting for hot accounts. Accounts are locked
-- last and in the order of their ids. Lookups are subqueries on purpose: they stay index lookups
-- whatever the tables' size was when the plan was made.
CREATE FUNCTION ledger_post(
    postings jsonb, transfers jsonb, refs jsonb, codes text[], holds uuid[],
    OUT ids bigint[], OUT effective timestamptz[], OUT entered timestamptz[],
    OUT news boolean[], OUT refused text, OUT detail text
)
LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
DECLARE
    asked CONSTANT integer := jsonb_array_length(postings);
    altered text;
    state text;
BEGIN
    WITH fresh AS (
        INSERT INTO ledger_journalentry AS p
            (scope, key, fingerprint, kind, subject, actor, effective_at)
        SELECT r.scope, r.key, decode(r.fingerprint, 'hex'), r.kind, r.subject, r.actor, r.effective_at
        FROM jsonb_to_recordset(postings) AS r (
            n integer, scope text, key text, fingerprint text, kind text, subject text, actor text,
            effective_at timestamptz
        )
        ORDER BY r.n
        ON CONFLICT (scope, key) DO NOTHING
        RETURNING p.id, p.effective_at, p.created_at
    )
    SELECT array_agg(f.id), array_agg(f.effective_at), array_agg(f.created_at)
    INTO ids, effective, entered
    FROM fresh f;

    IF ids IS NULL OR cardinality(ids) < asked THEN -- some keys are known already
        SELECT
            array_agg(p.id ORDER BY r.n),
            array_agg(p.effective_at ORDER BY r.n),
            array_agg(p.created_at ORDER BY r.n),
            array_agg(w.id IS NOT NULL ORDER BY r.n),
            min(r.key) FILTER (WHERE p.fingerprint <> decode(r.fingerprint, 'hex'))
        INTO ids, effective, entered, news, altered
        FROM jsonb_to_recordset(postings) AS r (n integer, scope text, key text, fingerprint text)
        CROSS JOIN LATERAL (
            SELECT * FROM ledger_journalentry k WHERE k.scope = r.scope AND k.key = r.key OFFSET 0
        ) AS p
        LEFT JOIN unnest(ids) AS w (id) ON w.id = p.id;
        IF altered IS NOT NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'unique_violation',
                CONSTRAINT = 'posting_key_names_one_request', DETAIL = altered;
        ELSIF NOT true = ANY (news) THEN
            RETURN;
        END IF;
    END IF;

    IF cardinality(holds) > 0 THEN
        codes := codes || ARRAY(
            SELECT a.code
            FROM unnest(holds) AS h (id)
            CROSS JOIN LATERAL (
                SELECT t.debit_id, t.credit_id FROM ledger_transfer t WHERE t.id = h.id OFFSET 0
            ) AS t
            CROSS JOIN LATERAL (
                SELECT c.code FROM ledger_account c WHERE c.id IN (t.debit_id, t.credit_id) OFFSET 0
            ) AS a
        );
    END IF;
    PERFORM FROM ledger_account a WHERE a.code = ANY (codes) ORDER BY a.id FOR NO KEY UPDATE;

    INSERT INTO ledger_transfer (
        id, posting_id, step, debit_id, credit_id, currency, amount_minor, phase, kind,
        pending_of_id, expires_at
    )
    SELECT
        t.id, ids[t.n], t.step,
        CASE WHEN t.pending_of IS NULL
            THEN (SELECT a.id FROM ledger_account a WHERE a.code = t.debit)
            ELSE (SELECT h.debit_id FROM ledger_transfer h WHERE h.id = t.pending_of)
        END,
        CASE WHEN t.pending_of IS NULL
            THEN (SELECT a.id FROM ledger_account a WHERE a.code = t.credit)
            ELSE (SELECT h.credit_id FROM ledger_transfer h WHERE h.id = t.pending_of)
        END,
        coalesce(t.currency, (SELECT h.currency FROM ledger_transfer h WHERE h.id = t.pending_of)),
        coalesce(t.amount, (SELECT h.amount_minor FROM ledger_transfer h WHERE h.id = t.pending_of)),
        t.phase, t.kind, t.pending_of, t.expires_at
    FROM jsonb_to_recordset(transfers) AS t (
        n integer, id uuid, step smallint, phase text, debit text, credit text, currency text,
        amount bigint, kind text, pending_of uuid, expires_at timestamptz
    )
    WHERE news IS NULL OR news[t.n];

    IF refs IS NOT NULL THEN
        INSERT INTO ledger_externalref (psp, object_type, object_id, kind, transfer_id)
        SELECT r.psp, r.object_type, r.object_id, r.kind, r.transfer
        FROM jsonb_to_recordset(refs) AS r (
            n integer, psp text, object_type text, object_id text, kind text, transfer uuid
        )
        WHERE news IS NULL OR news[r.n];
    END IF;
EXCEPTION WHEN integrity_constraint_violation OR numeric_value_out_of_range THEN
    GET STACKED DIAGNOSTICS
        refused = CONSTRAINT_NAME, detail = PG_EXCEPTION_DETAIL, state = RETURNED_SQLSTATE;
    IF state = '23502' THEN -- NOT NULL: an account or a hold was not found; say which
        SELECT 'account_is_known', c.code INTO refused, detail
        FROM unnest(codes) AS c (code)
        WHERE NOT EXISTS (SELECT FROM ledger_account a WHERE a.code = c.code)
        LIMIT 1;
        IF NOT FOUND THEN
            SELECT 'transfer_resolves_a_known_hold', h.id::text INTO refused, detail
            FROM unnest(holds) AS h (id)
            WHERE NOT EXISTS (SELECT FROM ledger_transfer t WHERE t.id = h.id)
            LIMIT 1;
        END IF;
    ELSIF state = '22003' THEN
        refused := 'sums_fit_the_books';
    ELSIF refused = 'hold_is_resolved_once' THEN
        detail := substring(detail FROM '=\((.*?)\)');
    ELSIF refused IN ('account_debits_within_credits', 'account_credits_within_debits') THEN
        detail := ( -- the server describes the failing row, its id first
            SELECT a.code FROM ledger_account a WHERE a.id = substring(detail FROM '\((\d+),')::bigint
        );
    END IF;
END
$$;
