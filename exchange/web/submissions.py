"""Forms as they are sent: what a use case refuses is said at the form, which is shown again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType

from django import forms
from django.http import HttpRequest, QueryDict

from exchange.core.problems import REFUSALS, AnyRefusal
from exchange.core.refusals import Refusal

FORM_METHODS = ["GET", "HEAD", "POST"]


class RefusedError(forms.ValidationError):
    """A refusal as an error of the form; it keeps the status to answer with."""

    def __init__(self, refusal: AnyRefusal) -> None:
        super().__init__(str(refusal.message), code=refusal.code)
        self.http_status = int(refusal.http_status)


def sent(request: HttpRequest) -> QueryDict | None:
    """What was sent with the form, an empty one too; None where the page is only asked for."""
    return request.POST if request.method == "POST" else None


def blame(form: forms.BaseForm, refusal: AnyRefusal, field: str | None = None) -> None:
    """Show the refusal at the field that it speaks of, else at `field`, else above all fields."""
    named = str(refusal.facts.get("field"))
    place = named if named in form.fields else field
    form.add_error(place if place in form.fields else None, RefusedError(refusal))


@contextmanager
def blaming(
    form: forms.BaseForm, field: str | None = None, *, raising: tuple[type[Refusal], ...] = ()
) -> Iterator[None]:
    """Make the calls inside; a refusal ends them and stands at the form afterwards.

    It stands at the field that the refusal itself names, else at `field`, else above all fields.
    Refusals of the kinds `raising` have a page of their own.
    """
    try:
        yield
    except raising:
        raise
    except REFUSALS as refusal:
        blame(form, refusal, field)


def status_of(form: forms.BaseForm) -> int:
    """What to answer with when the form is shown: 200, 422, or the status of what was refused."""
    if not form.errors:
        return HTTPStatus.OK
    errors = [error for listed in form.errors.as_data().values() for error in listed]
    refused = [error.http_status for error in errors if isinstance(error, RefusedError)]
    return refused[0] if refused else HTTPStatus.UNPROCESSABLE_ENTITY


def unprocessable(form: forms.BaseForm) -> int:
    """200, or 422 whatever is wrong with the form."""
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


@dataclass
class Problem:
    """What was refused on a page whose form has no field for it; nothing refused is 200."""

    sentence: str = ""
    status: int = HTTPStatus.OK


@dataclass
class noting:  # noqa: N801 - a context, written as a verb where it is used
    """Make the calls inside; a refusal ends them and is noted, but for the kinds `raising`."""

    problem: Problem
    raising: tuple[type[Refusal], ...] = ()

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, _kind: object, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        if isinstance(error, self.raising) or not isinstance(error, REFUSALS):
            return False
        self.problem.sentence, self.problem.status = str(error.message), int(error.http_status)
        return True
