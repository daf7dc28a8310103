"""Linear systems in whole numbers, solved exactly: Dixon's p-adic lifting.

The matrix is inverted once modulo a prime; each further digit of the solution costs one product in
64-bit integers. Source: J. D. Dixon, Exact solution of linear equations using p-adic expansions, 1982.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import log2

import numpy as np
from numpy.typing import NDArray

PRIME = 67_108_859  # the largest below 2^26: a thousand products of residues sum to less than 2^63
PRIME_BITS = 26
ROWS_MAX = 1000
ENTRY_MAX = 1000
Whole = NDArray[np.int64]


def solve(matrix: Whole, right: Sequence[int]) -> list[Fraction] | None:
    """The solution; None where the matrix is singular modulo the prime.

    At most 1,000 rows, entries from -1,000 to 1,000; the right side may be of any size.
    """
    size = len(right)
    if not size:
        return []
    inverse = _inverse(matrix)
    if inverse is None:
        return None
    # Cramer: numerators and denominator are determinants, within the product of the rows' lengths.
    lengths = np.sqrt((matrix.astype(float) ** 2).sum(axis=1))
    below_bits = int(np.log2(np.maximum(lengths, 1)).sum()) + size // 8 + 2
    above_bits = (
        below_bits + (1 + max(abs(figure) for figure in right)).bit_length() + int(log2(size)) + 1
    )
    digits = (below_bits + above_bits + 2) // (PRIME_BITS - 1) + 1
    return _rational(_lifted(matrix, inverse, list(right), digits), PRIME**digits, above_bits)


def _inverse(matrix: Whole) -> Whole | None:
    """The inverse modulo the prime, by elimination."""
    size = len(matrix)
    table = np.concatenate([matrix % PRIME, np.eye(size, dtype=np.int64)], axis=1)
    for column in range(size):
        pivots = np.flatnonzero(table[column:, column])
        if not pivots.size:
            return None
        pivot = column + int(pivots[0])
        table[[column, pivot]] = table[[pivot, column]]
        table[column] = table[column] * pow(int(table[column, column]), -1, PRIME) % PRIME
        factors = table[:, column].copy()
        factors[column] = 0
        table = (table - factors[:, None] * table[column]) % PRIME
    inverse: Whole = table[:, size:]
    return inverse


def _lifted(matrix: Whole, inverse: Whole, right: list[int], digits: int) -> list[int]:
    """The solution modulo that power of the prime."""
    found = []
    for _ in range(digits):
        residue = np.array([figure % PRIME for figure in right], dtype=np.int64)
        digit = inverse @ residue % PRIME
        found.append(digit.tolist())
        product = (matrix @ digit).tolist()
        right = [(r - used) // PRIME for r, used in zip(right, product, strict=True)]
    solution = [0] * len(right)
    for digit in reversed(found):
        solution = [figure * PRIME + d for figure, d in zip(solution, digit, strict=True)]
    return solution


def _rational(residues: list[int], modulus: int, above_bits: int) -> list[Fraction]:
    """The fractions with these residues. Most share the denominators found before them."""
    common = 1
    answer = []
    for residue in residues:
        upper = residue * common % modulus
        if 2 * upper > modulus:
            upper -= modulus
        if abs(upper).bit_length() <= above_bits:
            answer.append(Fraction(upper, common))
            continue
        found = _reconstructed(upper % modulus, modulus, above_bits) / common
        common = (
            found.denominator if found.denominator % common == 0 else common * found.denominator
        )
        answer.append(found)
    return answer


def _reconstructed(residue: int, modulus: int, above_bits: int) -> Fraction:
    """The fraction upper / lower with that residue and an upper below 2^above_bits (Wang 1981)."""
    limit = 1 << above_bits
    upper, lower = (modulus, residue), (0, 1)
    while upper[1] >= limit:
        quotient = upper[0] // upper[1]
        upper = upper[1], upper[0] - quotient * upper[1]
        lower = lower[1], lower[0] - quotient * lower[1]
    return Fraction(upper[1], lower[1]) if lower[1] else Fraction(0)
