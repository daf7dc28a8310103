"""Who gets which answer where. A new address needs a row; `test_access_matrix` says so."""

from collections.abc import Mapping

from tests.architecture.access_pages import PAGES
from tests.architecture.access_programs import PROGRAMS
from tests.architecture.access_routes import CLOSED, Route

__all__ = ["CLOSED", "MATRIX", "Route"]

MATRIX: Mapping[str, Route] = {**PAGES, **PROGRAMS}
