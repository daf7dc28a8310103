"""The one pass over a bill's events, in the database's own SQL."""

OF_A_BILL = """
SELECT period_no, meter, sum(quantity)::bigint
FROM metering_usageevent WHERE subscription_id = %(subscription)s AND bill_no = %(bill)s
GROUP BY period_no, meter ORDER BY period_no, meter
"""
BILLED_BEFORE = """
SELECT meter, sum(quantity)::bigint
FROM metering_usageevent
WHERE subscription_id = %(subscription)s AND bill_no < %(bill)s AND period_no = %(period)s
GROUP BY meter ORDER BY meter
"""
