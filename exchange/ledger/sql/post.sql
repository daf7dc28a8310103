-- Writes postings with their transfers and external references, all or none, in one round trip.
--
-- request: {"postings": [{n, scope, key, fingerprint, kind, subject, actor, effective_at}],
--           "transfers": [{n, id, step, phase, debit, credit, currency, amount, kind, pending_of, expires_at}],
--           "refs": [{n, transfer, psp, object_type, object_id, kind}]}; n numbers the posting from 1.
-- Answers one row for each posting; or one row whose `refused` names the constraint that stood in
-- the way and whose `detail` says where. The refusal undoes what was written here and leaves the
-- caller's transaction usable: a savepoint inside the server costs no round trip under the lock.
--
-- Postings come first: a repeated key answers without waiting for hot accounts. Accounts are locked
-- last and in the order of their ids. Lookups are correlated subqueries on purpose: they stay index
-- lookups whatever the tables' size was when the plan was made.
CREATE FUNCTION ledger_post(request jsonb)
RETURNS TABLE (
    ordinal bigint, posting_id bigint, effective_at timestamptz, created_at timestamptz,
    is_new boolean, refused text, detail text
)
LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    asked CONSTANT jsonb := request -> 'transfers';
    written bigint[];
    ids bigint[];
    effective timestamptz[];
    created timestamptz[];
    altered text;
    news boolean[];
    touched bigint[];
    failed text;
    described text;
    state text;
BEGIN
    WITH fresh AS (
        INSERT INTO ledger_posting
            (scope, key, fingerprint, kind, subject, actor, effective_at)
        SELECT scope, key, decode(fingerprint, 'hex'), kind, subject, actor, effective_at
        FROM jsonb_to_recordset(request -> 'postings') AS p (
            scope text, key text, fingerprint text, kind text, subject text, actor text,
            effective_at timestamptz
        )
        ORDER BY scope, key
        ON CONFLICT (scope, key) DO NOTHING
        RETURNING id
    )
    SELECT array_agg(id) INTO written FROM fresh;

    SELECT
        array_agg(p.id ORDER BY r.n),
        array_agg(p.effective_at ORDER BY r.n),
        array_agg(p.created_at ORDER BY r.n),
        array_agg(w.id IS NOT NULL ORDER BY r.n),
        min(r.key) FILTER (WHERE p.fingerprint <> decode(r.fingerprint, 'hex'))
    INTO ids, effective, created, news, altered
    FROM jsonb_to_recordset(request -> 'postings')
        AS r (n integer, scope text, key text, fingerprint text)
    CROSS JOIN LATERAL (
        SELECT * FROM ledger_posting WHERE scope = r.scope AND key = r.key OFFSET 0
    ) AS p
    LEFT JOIN unnest(written) AS w (id) ON w.id = p.id;
    IF altered IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'unique_violation',
            CONSTRAINT = 'posting_key_names_one_request', DETAIL = altered;
    END IF;

    IF written IS NOT NULL THEN
        touched := ARRAY(
            SELECT (SELECT id FROM ledger_account WHERE code = side.code)
            FROM jsonb_to_recordset(asked) AS t (debit text, credit text)
            CROSS JOIN LATERAL (VALUES (t.debit), (t.credit)) AS side (code)
            WHERE side.code IS NOT NULL
            GROUP BY side.code
            UNION
            SELECT unnest((SELECT ARRAY[debit_id, credit_id] FROM ledger_transfer WHERE id = t.pending_of))
            FROM jsonb_to_recordset(asked) AS t (pending_of uuid)
            WHERE t.pending_of IS NOT NULL
        );
        PERFORM FROM ledger_account WHERE id = ANY (touched) ORDER BY id FOR NO KEY UPDATE;

        INSERT INTO ledger_transfer (
            id, posting_id, step, debit_id, credit_id, currency, amount_minor, phase, kind,
            pending_of_id, expires_at
        )
        SELECT
            t.id, ids[t.n], t.step,
            CASE WHEN t.pending_of IS NULL
                THEN (SELECT id FROM ledger_account WHERE code = t.debit)
                ELSE (SELECT debit_id FROM ledger_transfer WHERE id = t.pending_of)
            END,
            CASE WHEN t.pending_of IS NULL
                THEN (SELECT id FROM ledger_account WHERE code = t.credit)
                ELSE (SELECT credit_id FROM ledger_transfer WHERE id = t.pending_of)
            END,
            coalesce(t.currency, (SELECT currency FROM ledger_transfer WHERE id = t.pending_of)),
            coalesce(t.amount, (SELECT amount_minor FROM ledger_transfer WHERE id = t.pending_of)),
            t.phase, t.kind, t.pending_of, t.expires_at
        FROM jsonb_to_recordset(asked) AS t (
            n integer, id uuid, step smallint, phase text, debit text, credit text, currency text,
            amount bigint, kind text, pending_of uuid, expires_at timestamptz
        )
        WHERE news[t.n]
        ORDER BY t.n, t.step;

        INSERT INTO ledger_externalref (psp, object_type, object_id, kind, transfer_id)
        SELECT psp, object_type, object_id, kind, transfer
        FROM jsonb_to_recordset(request -> 'refs') AS r (
            n integer, psp text, object_type text, object_id text, kind text, transfer uuid
        )
        WHERE news[r.n];
    END IF;

    RETURN QUERY
    SELECT a.n, a.id, a.effective, a.created, a.fresh, NULL::text, NULL::text
    FROM unnest(ids, effective, created, news)
        WITH ORDINALITY AS a (id, effective, created, fresh, n);
EXCEPTION WHEN integrity_constraint_violation OR numeric_value_out_of_range THEN
    GET STACKED DIAGNOSTICS
        failed = CONSTRAINT_NAME, described = PG_EXCEPTION_DETAIL, state = RETURNED_SQLSTATE;
    IF state = '23502' THEN -- NOT NULL: an account or a hold was not found; say which
        SELECT 'account_is_known', side.code INTO failed, described
        FROM jsonb_to_recordset(asked) AS t (debit text, credit text)
        CROSS JOIN LATERAL (VALUES (t.debit), (t.credit)) AS side (code)
        WHERE side.code IS NOT NULL
            AND NOT EXISTS (SELECT FROM ledger_account WHERE code = side.code)
        LIMIT 1;
        IF NOT FOUND THEN
            SELECT 'transfer_resolves_a_known_hold', t.pending_of::text INTO failed, described
            FROM jsonb_to_recordset(asked) AS t (pending_of uuid)
            WHERE t.pending_of IS NOT NULL
                AND NOT EXISTS (SELECT FROM ledger_transfer WHERE id = t.pending_of)
            LIMIT 1;
        END IF;
    ELSIF state = '22003' THEN
        failed := 'sums_fit_the_books';
    ELSIF failed = 'hold_is_resolved_once' THEN
        described := substring(described FROM '=\((.*?)\)');
    ELSIF failed IN ('account_debits_within_credits', 'account_credits_within_debits') THEN
        described := ( -- the server describes the failing row, its id first
            SELECT code FROM ledger_account WHERE id = substring(described FROM '\((\d+),')::bigint
        );
    END IF;
    RETURN QUERY
    SELECT 0::bigint, NULL::bigint, NULL::timestamptz, NULL::timestamptz, false, failed, described;
END
$$;
