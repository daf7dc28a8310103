"""The statements of intake, in the database's own SQL."""

COLUMNS = "subscription_id, source, event_id, meter, quantity, at, period_no, bill_no"
LINES = """unnest(
        %(subscriptions)s::bigint[], %(sources)s::text[], %(ids)s::text[], %(meters)s::text[],
        %(quantities)s::bigint[], %(moments)s::timestamptz[], %(periods)s::int[], %(bills)s::int[]
    ) AS line(subscription_id, source, event_id, meter, quantity, at, period_no, bill_no)"""

# One statement: what is new is kept and added to its day's total. The orders keep two batches that
# share events or days from waiting for each other in a circle.
ADD = f"""
WITH added AS (
    INSERT INTO metering_usageevent ({COLUMNS}, seller_id, arrived_at)
    SELECT {COLUMNS}, %(seller)s, %(now)s FROM {LINES} ORDER BY source COLLATE "C", event_id COLLATE "C"
    ON CONFLICT (seller_id, source, event_id) DO NOTHING
    RETURNING subscription_id, bill_no, period_no, at, meter, quantity
), totals AS (
    INSERT INTO metering_usageday AS known
        (subscription_id, bill_no, period_no, day, meter, quantity, events)
    SELECT subscription_id, bill_no, period_no, (at AT TIME ZONE 'UTC')::date, meter,
           sum(quantity), count(*)
    FROM added GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (subscription_id, bill_no, period_no, day, meter) DO UPDATE
    SET quantity = known.quantity + excluded.quantity, events = known.events + excluded.events
)
SELECT count(*) FROM added
"""  # noqa: S608 - constants of this module only

# Which lines name an event that is known with another content, by their place in the batch.
DIFFERING = f"""
SELECT line.place - 1
FROM {LINES.replace(") AS line(", ") WITH ORDINALITY AS line(").replace("bill_no)", "bill_no, place)")}
JOIN metering_usageevent AS known
  ON known.seller_id = %(seller)s AND known.source = line.source AND known.event_id = line.event_id
WHERE (known.subscription_id, known.meter, known.quantity, known.at)
   <> (line.subscription_id, line.meter, line.quantity, line.at)
ORDER BY 1
"""  # noqa: S608 - constants of this module only

# Batches share the lock among themselves; closing a period waits for them, and they for it.
SHARE = "SELECT * FROM metering_meteredsubscription WHERE id = ANY(%(keys)s) ORDER BY id FOR SHARE"
