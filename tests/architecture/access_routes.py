"""Who gets which answer where. A new address needs a row here; `test_access_matrix` says so.

A row names the methods that are open at all, and for each the answer to everybody, then to those who
get another one. Groups: `people` (all that are signed in), `operators`, `staff` (operators and the
regulator), `house` (people of the seller whose things the address names), `keys`, `strangers`
(neither signed in nor, on pages, known by a key). A later group or visitor overrides an earlier one.
`names` fills the address from the world of `visitors.py`: a name there, or a table "app.model".
Posts send an empty form, or an empty JSON object over the API: 422 means "allowed to try".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.architecture.visitors import Visitor

Expected = Mapping[Visitor, int]
# What a method without a row may answer: sign in, not allowed, no such thing, no such method.
CLOSED = frozenset({302, 401, 403, 404, 405})

GROUPS: Mapping[str, frozenset[Visitor]] = {
    "strangers": frozenset({Visitor.ANONYMOUS, Visitor.KEY_WITH_SCOPE, Visitor.KEY_WITHOUT_SCOPE}),
    "keys": frozenset({Visitor.KEY_WITH_SCOPE, Visitor.KEY_WITHOUT_SCOPE}),
    "operators": frozenset({Visitor.OPERATOR, Visitor.SECOND_OPERATOR}),
    "staff": frozenset({Visitor.OPERATOR, Visitor.SECOND_OPERATOR, Visitor.REGULATOR}),
    "strong": frozenset(
        {Visitor.OPERATOR, Visitor.SECOND_OPERATOR, Visitor.REGULATOR, Visitor.FINANCE}
    ),
    "house": frozenset({Visitor.SELLER, Visitor.FINANCE}),
    "unadmitted": frozenset({Visitor.NEWCOMER, Visitor.OUTSIDER}),
}


@dataclass(frozen=True)
class Route:
    """One address, or several that answer alike."""

    get: Expected | None = None
    post: Expected | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    put: Expected | None = None  # only the sign-in library's forms take PUT as POST
    asks_no_method: bool = False  # a page that answers PUT, PATCH and DELETE as it answers GET
    library_form: bool = False  # the sign-in library answers further methods in its own way
    elsewhere: str = ""  # why it is not knocked at here

    def expected(self, method: str) -> Expected | None:
        said = {"get": self.get, "post": self.post, "put": self.put}.get(method)
        if said is None and method != "post" and self.asks_no_method:
            return self.get
        return said


def answer(everybody: int, **others: int) -> Expected:
    """The answer to everybody, then to groups and visitors by name, in the order given."""
    said = dict.fromkeys(Visitor, everybody)
    for name, status in others.items():
        for visitor in GROUPS.get(name) or {Visitor(name)}:
            said[visitor] = status
    return said


def page(everybody: int, **others: int) -> Expected:
    """A page of ours: strangers are sent to sign in."""
    return answer(everybody, strangers=302, **others)


def call(everybody: int, *, key: int = 403, **others: int) -> Expected:
    """Over the API: strangers get 401, a key without the scope 403."""
    return answer(everybody, anonymous=401, key_without_scope=403, key_with_scope=key, **others)


def desk(staff: int, **others: int) -> Expected:
    """The console: sign in, or nothing is there, unless one is an operator or a regulator."""
    return answer(404, strangers=302, staff=staff, **others)


def selling(everybody: int, **others: int) -> Expected:
    """The sellers' desk: sign in, or nothing is there, unless one belongs to a selling organisation."""
    return answer(404, strangers=302, house=everybody, suspended=everybody, **others)


PUBLIC = Route(get=answer(200), post=answer(200), asks_no_method=True)
ENTRY = Route(get=answer(200), post=answer(200), names={"index": "index"}, asks_no_method=True)
READ = Route(get=answer(200))
LISTED = Route(get=desk(200), post=desk(200), asks_no_method=True)
LISTED_AT_DESK = Route(get=selling(200), post=selling(200), asks_no_method=True)
HOUSE = {"organisation_id": "organisation_id"}
GUEST = {**HOUSE, "invitation_id": "invitation_id"}
ACCOUNT = {"account_id": "account_id"}
KEY = {**HOUSE, "key_id": "key_id"}
ORDER = {"order_id": "order_id"}
DISPUTE = {"dispute_id": "dispute_id"}
DISTRIBUTION = {"distribution_id": "distribution_id"}
OFFER = {"offer_id": "offer_id"}
PRODUCT = {"product_id": "product_id"}
FILE = {"file_id": "file_id"}
RIGHT = {"entitlement_id": "entitlement_id"}
PAYMENT = {"payment_id": "payment_id"}
# Whoever may not see what an organisation earns.
MONEYLESS = {"newcomer": 403, "buyer": 403}
# To whom a file of another organisation does not exist.
STRANGE_FILE = dict.fromkeys(("newcomer", "buyer", "suspended", "outsider"), 404)
# Whoever may not see an organisation's files, whatever the organisation.
FILELESS = {"newcomer": 403, "buyer": 403, "finance": 403}

# Who has no role for offering, though the product is of the own house, may look and not offer.
OFFERED = page(404, house=403, staff=403)
OFFERED_CALL = call(404, house=403, staff=403)
OFFERING = Route(get=OFFERED, post=OFFERED, names=PRODUCT)


def row(label: str, *, get: Expected | None = None, post: Expected | None = None) -> Route:
    """A console page of one row of a table."""
    return Route(
        get=get or desk(200),
        post=post or desk(403),
        names={"object_id": label},
        asks_no_method=True,
    )


def act(label: str, *, operators: int = 200) -> Route:
    """A console act: operators see the form, the regulator does not."""
    allowed = desk(403, operators=operators)
    return Route(get=allowed, post=allowed, names={"object_id": label}, asks_no_method=True)
