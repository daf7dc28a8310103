"""One case of a vector file: what `python -m pricing evaluate` hands to an evaluator."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pricing.refusals import PricingRefusal


class MissingField(PricingRefusal):
    """A case, a plan or a request lacks a field that its rule cannot do without."""

    code = "missing_field"


class UnknownFile(PricingRefusal):
    """A file named by a case is not in the data folder."""

    code = "unknown_file"


@dataclass(frozen=True)
class Case:
    """Parameters and input of one case.

    Numbers are exact: a JSON integer is an `int`, a JSON fraction such as `0.5` is a `Decimal`
    (never a float), and NaN or Infinity arrive as the Decimal of that name, for the rule to refuse.
    Text stays text. An evaluator that wants floats converts them itself.
    """

    kind: str
    params: Mapping[str, Any] = field(default_factory=dict)
    input: Mapping[str, Any] = field(default_factory=dict)
    folder: Path = Path()
    case_id: str = ""

    def param(self, name: str) -> Any:
        """A parameter that must be there. Raises MissingField."""
        return _present(self.params, name, "params")

    def given(self, name: str) -> Any:
        """A field of the input that must be there. Raises MissingField."""
        return _present(self.input, name, "input")

    def file(self, name: object) -> Path:
        """The file of that name inside the data folder. Raises UnknownFile."""
        path = (self.folder / str(name)).resolve()
        if not path.is_relative_to(self.folder.resolve()) or not path.is_file():
            raise UnknownFile(
                f"The data folder has no file {str(name)!r}; name one that lies inside it.",
                field="file",
                value=str(name),
            )
        return path


Evaluator = Callable[[Case], object]


def _present(fields: Mapping[str, Any], name: str, where: str) -> Any:
    if name not in fields:
        raise MissingField(
            f"The field {name!r} is missing from {where}.",
            field=name,
            value=None,
            accepted=f"{where} with {name!r}",
        )
    return fields[name]
