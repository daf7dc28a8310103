"""What things cost: money and the arithmetic of price. Plain Python, usable without the exchange.

Owns: the currency table, `Money`, the one rounding and the one split.
Does not own: who pays, when, or whether anything is stored. Imports no web framework, no task queue
and no payment kit.

Invariants
- An amount is a whole number of minor units of one currency; two currencies never mix.
- Rounding happens once, half away from zero, in `round_to_minor`.
- A split conserves: its parts sum to the whole, and a party without weight gets nothing.
"""
