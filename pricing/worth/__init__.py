"""What data is worth: prices of queries and versions, shares of proceeds, valuation.

Owns: prices of views, cells, versions and privacy budgets with what a buyer owns already, the search
for arbitrage, item prices from bundles; shares (fixed, points, Shapley and its kin, waterfalls,
royalty trees); valuation methods with their workings, price guidance, security and permitted revenue.
Does not own: what use costs (charges), how bids meet (mechanisms), who approves or books a value.

Invariants
- A price of data is monotone and subadditive in what the buyer learns: no way round is cheaper.
- A split conserves: the parts sum to the whole to the last minor unit.
- A value is a function of its parameters alone, exact until the one rounding, and every step of it
  is written down with its formula. Values are decision support, not an appraiser's opinion.
"""
