"""A seeded simulator of everything that moves money.

One seed drives the members of a small exchange, its finance, the payment provider with its faults, the
bank, the order in which messages come, the clock, and processes that are killed at labelled points. After
every step the laws of `laws.py` hold, and at the end everything has come to rest and agrees with the
provider and the bank. A seed gives the same history again; one that fails is made as short as it gets.
"""
