"""Sales of state assets: the path from the internal decision to the certificate.

Owns: asset_sales, their decisions, valuations or memos, filings, announcements by round, bidders,
result notices.
Does not own: valuation reports (assets), bidding (auctions), contracts, orders, deposits.

Invariants
- No step is taken before its documents are there; every limit comes from the rule pack of the day.
- A floor below the consent share of the valuation is announced only with the approver's consent.
- At any moment it is known who must act, and until when.
"""
