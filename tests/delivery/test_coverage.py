"""Which revisions, tables and forms an entitlement opens."""

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Organisation
from exchange.catalog.lifecycle import Future, History
from exchange.catalog.models import Product
from exchange.delivery.coverage import covered, covered_revisions, covered_table
from exchange.delivery.errors import NotCovered
from exchange.delivery.lifecycle import Form
from exchange.delivery.models import Entitlement
from exchange.vault.models import DataFile, DataTable
from tests.factories.accounts import an_organisation
from tests.factories.delivery import (
    BOUGHT,
    a_file_product,
    a_revision,
    an_entitlement,
    withdraw,
)
from tests.factories.members import NOON, minutes
from tests.factories.vault import a_read_file, csv_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def seller() -> Organisation:
    return an_organisation()


@pytest.fixture
def product(seller: Organisation) -> Product:
    """Three revisions before the purchase, two after it."""
    made = a_file_product(seller)
    for number in range(1, 6):
        file = a_read_file(seller, content=csv_of(number))
        a_revision(made, file, number=number, at=NOON + minutes(20 * number + (number > 3)))
    return made


def numbers(entitlement: Entitlement) -> list[int]:
    return [revision.number for revision in covered_revisions(entitlement)]


@pytest.mark.parametrize(
    ("history", "count", "future", "open_now"),
    [
        (History.ALL, None, Future.NONE, [3, 2, 1]),
        (History.ALL, None, Future.ALL, [5, 4, 3, 2, 1]),
        (History.LAST, 1, Future.NONE, [3]),
        (History.LAST, 2, Future.ALL, [5, 4, 3, 2]),
        (History.LAST, 9, Future.NONE, [3, 2, 1]),
        (History.NONE, None, Future.ALL, [5, 4, 3]),
        (History.NONE, None, Future.NONE, [3]),
    ],
)
def test_the_rules_say_which_revisions_are_open(
    product: Product, history: History, count: int | None, future: Future, open_now: list[int]
) -> None:
    entitlement = an_entitlement(
        product, an_organisation(), history=history, history_count=count, future=future
    )
    assert numbers(entitlement) == open_now


def test_a_revision_published_at_the_moment_of_purchase_is_an_earlier_one(
    product: Product,
) -> None:
    at_that_moment = product.revisions.get(number=3).published_at
    assert at_that_moment == BOUGHT
    assert numbers(an_entitlement(product, an_organisation(), future=Future.NONE))[0] == 3


def test_a_revoked_revision_opens_for_nobody_and_does_not_count_among_the_latest(
    product: Product,
) -> None:
    entitlement = an_entitlement(
        product, an_organisation(), history=History.LAST, history_count=1, future=Future.ALL
    )
    withdraw(product.revisions.get(number=5))
    withdraw(product.revisions.get(number=3))
    assert numbers(entitlement) == [4, 2]


def test_a_renewed_subscription_keeps_the_revisions_of_the_periods_before(
    product: Product,
) -> None:
    renewal = an_entitlement(
        product,
        an_organisation(),
        history=History.NONE,
        future=Future.ALL,
        now=NOON + minutes(200),
        new_since=BOUGHT,
    )
    assert numbers(renewal) == [5, 4, 3]


def test_each_table_comes_as_it_was_and_as_parquet(product: Product) -> None:
    entitlement = an_entitlement(product, an_organisation(), history=History.LAST, history_count=1)
    (one,) = covered(entitlement)
    assert [(it.form, it.name) for it in one.downloads] == [
        (Form.CSV, "meters.csv"),
        (Form.PARQUET, "meters.parquet"),
    ]
    assert one.downloads[0].blob == one.table.file.blob


def two_tables(file: DataFile) -> tuple[DataTable, DataTable]:
    first = file.tables.get()
    second = DataTable.objects.create(
        file=file, position=1, name="second", rows=1, parquet=first.parquet, document={}
    )
    return first, second


def test_a_file_is_given_as_it_was_only_with_all_of_its_tables(seller: Organisation) -> None:
    product, file = a_file_product(seller), a_read_file(seller)
    first, second = two_tables(file)
    a_revision(product, file, number=1, tables=[first])
    a_revision(product, file, number=2, at=NOON + minutes(1), tables=[first, second])
    entitlement = an_entitlement(product, an_organisation())
    forms = [(one.revision.number, len(one.downloads)) for one in covered(entitlement)]
    assert forms == [(2, 2), (2, 2), (1, 1)]


def test_what_is_not_covered_is_refused(product: Product) -> None:
    entitlement = an_entitlement(product, an_organisation(), history=History.LAST, history_count=1)
    (one,) = covered(entitlement)
    newer = product.revisions.get(number=5).tables.get().table
    with pytest.raises(NotCovered) as refused:
        covered_table(entitlement, table=newer.public_id, form=Form.PARQUET)
    assert refused.value.facts == {"table": newer.public_id, "form": Form.PARQUET}
    with pytest.raises(NotCovered):
        covered_table(entitlement, table=one.table.public_id, form=Form.ORIGINAL)


def test_what_is_open_is_found_in_few_questions(
    product: Product, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    entitlement = an_entitlement(product, an_organisation(), future=Future.ALL)
    entitlement.refresh_from_db()
    with django_assert_num_queries(4):
        assert len(covered(entitlement)) == 5
