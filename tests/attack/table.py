"""All doors of the town."""

from tests.attack.doors import Door
from tests.attack.doors_api import API
from tests.attack.doors_console import CONSOLE
from tests.attack.doors_web import WEB

DOORS: tuple[Door, ...] = (*WEB, *API, *CONSOLE)
