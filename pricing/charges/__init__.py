"""What use costs: charge models, plans as data, quotes that explain themselves, and a linter.

Owns: tiers and the other charge models, conversion and rounding of quantities, discounts,
commitments, credits, coupons, tax, proration, plan changes, invoices by cumulative difference.
Does not own: meters (who counted), ledgers (who paid), auctions or the worth of data.

Invariants
- Between reading and the one rounding every figure is a fraction, exact without limit of digits.
- A charge is rounded once, half away from zero; invoices are differences of rounded totals, so the
  invoices of a period sum to its price.
- A quote is a function of its plan and request alone: replayed, it gives the same bytes.
"""
