"""Finding listings: the words of a text, the entry of a product, and the search itself.

Chinese has no spaces, so a run of characters is kept as its characters and its pairs, each at the
place where it begins. One character finds itself, two find their pair, and a longer run is looked
for as a phrase of pairs, which is exact. Characters and pairs share places in one vector: they are
different lexemes, so neither disturbs the other's phrases.

Everything is bounded: what is counted, ranked and shown stops at a number, and says so.
"""
