"""The console: the admin site for sellers and operators."""

from unfold.sites import UnfoldAdminSite


class Console(UnfoldAdminSite):  # type: ignore[misc]  # the theme ships no types
    """The admin site under /console/. Rows are changed through actions and flows only."""


console = Console(name="console")
