import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.credit_codes import ALPHABET, BadCreditCode, check_character, read_credit_code
from accounts.models import Organisation

# Codes printed on public business licences.
REAL = ("91350100M000100Y43", "914403001922038216", "9144030071526726XG")

bodies = st.text(alphabet=ALPHABET, min_size=17, max_size=17)


@pytest.mark.parametrize("code", REAL)
def test_published_codes_check(code: str) -> None:
    assert read_credit_code(code) == code


def test_small_letters_and_blanks_around_are_accepted() -> None:
    assert read_credit_code(" 91350100m000100y43\n") == "91350100M000100Y43"


@given(bodies)
def test_every_code_with_its_check_character_is_read(body: str) -> None:
    code = body + check_character(body)
    assert read_credit_code(code) == code


@given(bodies, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_every_change_of_one_character_is_found(body: str, place: int, letter: str) -> None:
    code = body + check_character(body)
    changed = code[:place] + letter + code[place + 1 :]
    if changed == code:
        assert read_credit_code(changed) == code
        return
    with pytest.raises(BadCreditCode) as refused:
        read_credit_code(changed)
    assert refused.value.facts["wanted"] == check_character(changed[:17])


def test_a_wrong_check_character_is_refused_with_the_right_one() -> None:
    with pytest.raises(BadCreditCode) as refused:
        read_credit_code("91350100M000100Y44")
    assert refused.value.facts == {
        "field": "credit_code",
        "position": 18,
        "wanted": "3",
        "given": "4",
    }


@pytest.mark.parametrize(("letter", "place"), [("I", 9), ("O", 9), ("S", 9), ("-", 9), ("中", 9)])
def test_a_letter_that_no_code_has_is_named_with_its_place(letter: str, place: int) -> None:
    with pytest.raises(BadCreditCode) as refused:
        read_credit_code(f"91350100{letter}000100Y43")
    assert refused.value.facts["position"] == place


@pytest.mark.parametrize("code", ["", "9135", "91350100M000100Y433"])
def test_a_wrong_length_is_refused_with_both_lengths(code: str) -> None:
    with pytest.raises(BadCreditCode) as refused:
        read_credit_code(code)
    assert refused.value.facts["length"] == len(code)
    assert refused.value.facts["wanted_length"] == 18


@pytest.mark.django_db
@pytest.mark.parametrize("code", REAL)
def test_the_database_takes_right_codes_and_refuses_every_other_check_character(code: str) -> None:
    Organisation.objects.create(name="Right", kind="private", credit_code=code)
    for letter in ALPHABET.replace(code[-1], "") + "ISOVZ":
        with (
            pytest.raises(IntegrityError, match="organisation_credit_code_checks"),
            transaction.atomic(),
        ):
            Organisation.objects.create(
                name="Wrong", kind="private", credit_code=code[:-1] + letter
            )
    assert Organisation.objects.count() == 1
