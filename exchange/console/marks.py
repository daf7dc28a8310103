"""The theme's decorators for columns and acts, with types."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from django.utils.functional import Promise
from unfold.decorators import action, display
from unfold.enums import ActionVariant

Function = TypeVar("Function", bound=Callable[..., object])
Text = str | Promise

PRIMARY = ActionVariant.PRIMARY
SUCCESS = ActionVariant.SUCCESS
DANGER = ActionVariant.DANGER


class Colours(dict[str, str]):
    """Colours by value. The theme shows the bare value where a colour is missing, so none is."""

    def __missing__(self, value: str) -> str:
        return ""


def column(
    description: Text, *, labels: Mapping[str, str] | None = None, order: str | None = None
) -> Callable[[Function], Function]:
    """A computed column. With `labels` it returns (value, words) and the value picks the colour. `order` is the
    field by which readers may sort."""
    decorate: Callable[[Function], Function] = display(
        description=description, label=Colours(labels) if labels else None, ordering=order
    )
    return decorate


def act(
    description: Text,
    *,
    path: str,
    icon: str,
    permission: str | None = "act",
    variant: ActionVariant = ActionVariant.DEFAULT,
) -> Callable[[Function], Function]:
    """A button on a row's page that leads to a page of its own. By default only operators see it."""
    decorate: Callable[[Function], Function] = action(
        description=description,
        url_path=path,
        icon=icon,
        variant=variant,
        permissions=[permission] if permission else None,
    )
    return decorate
