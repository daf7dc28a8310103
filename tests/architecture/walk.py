"""How far one request walks: which modules of ours its view enters, and how often it changes between them.

`followed(…)` watches the view of each POST from its first line to its answer; middleware is left out. Calls into
`pricing` count as one module; asking what time it is counts no more than it does in Django. A hop is a distinct pair of caller and called module, an upward call one into a higher
floor of the import contract, as a callback or a registry makes it.
"""

import contextlib
import functools
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import Any
from unittest import mock

from django.core.handlers.base import BaseHandler

from tests.architecture.floors import PROJECT, floor_of

PREFIX = f"{PROJECT}/"
CLOCK = f"{PREFIX}exchange/core/clock.py"
PACKAGES = tuple(f"{PREFIX}{name}/" for name in ("exchange", "accounts", "pricing"))


@functools.cache
def _module(path: str) -> str:
    """The path inside the project; all of `pricing` is one."""
    inside = path.removeprefix(PREFIX)
    return "pricing" if inside.startswith("pricing/") else inside


@functools.cache
def _floor(module: str) -> int:
    return floor_of(module.removesuffix(".py").replace("/", ".")) or 0


@dataclass
class Walk:
    """What the view of one request called, in the order of the first call."""

    title: str = ""
    modules: dict[str, int] = field(default_factory=dict)
    hops: dict[tuple[str, str], int] = field(default_factory=dict)
    _stack: list[str] = field(default_factory=list)

    def upward(self) -> list[tuple[str, str]]:
        """Hops into a higher floor."""
        return [(low, high) for low, high in self.hops if _floor(high) > _floor(low)]

    def places(self) -> list[str]:
        """The modules with how often each was called, and the upward hops."""
        entered = [f"{count:5} {module}" for module, count in self.modules.items()]
        return entered + [f"upward {low} -> {high}" for low, high in self.upward()]

    def watch(self, frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event not in {"call", "return"} or not code.co_filename.startswith(PACKAGES):
            return
        if code.co_filename == CLOCK:
            return
        if code.co_name.startswith("<"):  # a comprehension or lambda belongs to its function
            return
        if event == "return":
            if self._stack:
                self._stack.pop()
            return
        module = _module(code.co_filename)
        self.modules[module] = self.modules.get(module, 0) + 1
        if self._stack and (caller := self._stack[-1]) != module:
            self.hops[caller, module] = self.hops.get((caller, module), 0) + 1
        self._stack.append(module)


def forget_caches() -> None:
    """Empty the caches of functions, so that a walk is as long whatever the process did before."""
    for name, module in list(sys.modules.items()):
        if not name.startswith(("exchange.", "accounts.", "pricing.")):
            continue
        for thing in vars(module).values():
            clear = getattr(thing, "cache_clear", None)
            if callable(clear):
                clear()


@contextlib.contextmanager
def followed(walks: list[Walk]) -> Iterator[None]:
    """Add a walk for every POST that a test client sends inside."""
    wrap = BaseHandler.make_view_atomic

    def watched(handler: BaseHandler, view: Callable[..., Any]) -> Callable[..., Any]:
        inner = wrap(handler, view)

        @functools.wraps(inner)
        def run(request: Any, *args: Any, **kwargs: Any) -> Any:
            if request.method != "POST":
                return inner(request, *args, **kwargs)
            walk = Walk()
            walks.append(walk)
            before = sys.getprofile()
            sys.setprofile(walk.watch)
            try:
                answer = inner(request, *args, **kwargs)
            finally:
                sys.setprofile(before)
            walk.title = f"POST {request.path} {answer.status_code}"
            return answer

        return run

    with mock.patch.object(BaseHandler, "make_view_atomic", watched):
        yield
