"""Public ids: sortable by birth, unguessable, unambiguous."""

from unittest.mock import patch

from accounts.ids import new_id


def test_ids_sort_by_birth() -> None:
    with patch("accounts.ids.time.time_ns", side_effect=[1_000_000 * ms for ms in range(1, 201)]):
        made = [new_id("org") for _ in range(200)]
    assert made == sorted(made)


def test_ids_of_one_moment_differ() -> None:
    with patch("accounts.ids.time.time_ns", return_value=1_700_000_000_000_000_000):
        assert len({new_id("org") for _ in range(1000)}) == 1000


def test_an_id_names_its_kind_and_holds_no_ambiguous_letter() -> None:
    kind, body = new_id("org").split("_")
    assert (kind, len(body)) == ("org", 26)
    assert not set(body) & set("ilou")
