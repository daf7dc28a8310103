"""Account statements: lines with the balance after each."""

# A line's balance is a fixed fact, so a page starts from the balance that the page before ended with
# and no page reads more of the history than its own lines: two index scans, newest first.
_LINES = """
SELECT t.seq, t.id, t.posting_id, t.kind, t.amount_minor, true AS on_debit, t.credit_id AS other_id
FROM ledger_transfer t
WHERE t.debit_id = %(account)s AND t.phase IN ('single', 'post') {bound}
UNION ALL
SELECT t.seq, t.id, t.posting_id, t.kind, t.amount_minor, false, t.debit_id
FROM ledger_transfer t
WHERE t.credit_id = %(account)s AND t.phase IN ('single', 'post') {bound}
"""
# Whoever owns the account reads the whole code of the other side only where it is theirs too; of
# others' and the exchange's own accounts the family is told: what stands before the first colon of
# the code, or the kind where that would be all of it.
_COLUMNS = """
    line.seq, line.id, p.scope, p.key, p.kind, line.kind, p.subject, p.effective_at, p.created_at,
    CASE
        WHEN other.owner_id = own.owner_id THEN other.code
        WHEN strpos(other.code, ':') > 0 THEN split_part(other.code, ':', 1)
        ELSE other.kind
    END,
    other.code, line.on_debit, line.amount_minor, line.balance
"""
_JOINS = """
JOIN ledger_journalentry p ON p.id = line.posting_id
JOIN ledger_account other ON other.id = line.other_id
JOIN ledger_account own ON own.id = %(account)s
"""
_CHANGE = (
    "CASE WHEN line.on_debit = %(debit_side)s THEN line.amount_minor ELSE -line.amount_minor END"
)

PAGE = f"""
SELECT {_COLUMNS} FROM (
    SELECT line.*,
        coalesce(%(closing)s::bigint, (
            SELECT CASE WHEN %(debit_side)s THEN dr_minor - cr_minor ELSE cr_minor - dr_minor END
            FROM ledger_account WHERE id = %(account)s
        )) - coalesce(sum({_CHANGE}) OVER (
            ORDER BY line.seq DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) AS balance
    FROM (
        {_LINES.format(bound="AND (%(before)s::bigint IS NULL OR t.seq < %(before)s)")}
        ORDER BY seq DESC LIMIT %(limit)s
    ) AS line
) AS line {_JOINS}
ORDER BY line.seq DESC
"""  # noqa: S608 - our own words

# The same forwards: from the balance before the page.
NEXT = f"""
SELECT {_COLUMNS} FROM (
    SELECT line.*, %(opening)s::bigint + sum({_CHANGE}) OVER (ORDER BY line.seq) AS balance
    FROM (
        {_LINES.format(bound="AND t.seq > %(after)s AND t.seq <= %(until)s")}
        ORDER BY seq LIMIT %(limit)s
    ) AS line
) AS line {_JOINS}
ORDER BY line.seq
"""  # noqa: S608 - our own words

TRIAL_BALANCE = """
SELECT currency, split_part(code, ':', 1) AS family, kind, count(*),
    sum(greatest(dr_minor - cr_minor, 0)), sum(greatest(cr_minor - dr_minor, 0))
FROM ledger_account
GROUP BY currency, family, kind
ORDER BY currency, kind, family
"""
