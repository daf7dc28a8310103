"""The unified social credit code of an organisation in China (GB 32100-2015).

Eighteen characters of an alphabet without I, O, S, V and Z. The last is a check character: with the
weights 3^(i-1) mod 31 the weighted sum of all, the check character weighing 1, is divisible by 31.
31 is prime and no weight is a multiple of it, so that every change of one character is found.
"""

from http import HTTPStatus

from django.utils.translation import gettext as _

from accounts.refusals import AccountRefusal

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CHARS = 18
MODULUS = len(ALPHABET)
WEIGHTS = tuple(pow(3, place, MODULUS) for place in range(CHARS - 1))


class BadCreditCode(AccountRefusal):
    """The unified social credit code is not one: its length, a character or its check character."""

    code = "bad_credit_code"
    http_status = HTTPStatus.UNPROCESSABLE_ENTITY


def check_character(body: str) -> str:
    """The character that belongs behind the first seventeen."""
    total = sum(
        weight * ALPHABET.index(letter) for weight, letter in zip(WEIGHTS, body, strict=True)
    )
    return ALPHABET[-total % MODULUS]


def read_credit_code(text: str, *, field: str = "credit_code") -> str:
    """The code in capital letters. Raises BadCreditCode, which says what is wrong and where; `field` is what a form
    calls it."""
    code = text.strip().upper()
    for place, letter in enumerate(code, start=1):
        if letter not in ALPHABET:
            raise BadCreditCode(
                _("The credit code has a character at place %(place)d that no credit code has.")
                % {"place": place},
                field=field,
                position=place,
                allowed=ALPHABET,
            )
    if len(code) != CHARS:
        raise BadCreditCode(
            _("A credit code has %(wanted)d characters; this one has %(given)d.")
            % {"wanted": CHARS, "given": len(code)},
            field=field,
            length=len(code),
            wanted_length=CHARS,
        )
    wanted = check_character(code[:-1])
    if code[-1] != wanted:
        raise BadCreditCode(
            _(
                "The credit code does not check: if the first 17 characters are right, "
                "the last one is “%(wanted)s”, not “%(given)s”."
            )
            % {"wanted": wanted, "given": code[-1]},
            field=field,
            position=CHARS,
            wanted=wanted,
            given=code[-1],
        )
    return code
