"""Checks a body against its shape and words its problems: "The email field is required."

These are the `errors` of SendKit's 422. Pydantic checks the shapes (`shapes.py`) and carries every
problem with its path to the top, where `read` makes the sentence. To word another of Pydantic's
errors, add its type to `PREDICATES`. Validators of our own raise `wrong(...)`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import InitErrorDetails, PydanticCustomError

from coterie.errors import CoterieError, Path, Problem
from coterie.http.problem_collector import ProblemCollector
from coterie.http.problem_paths import dotted
from coterie.http.sendkit.grammar import Context

Body = TypeVar("Body", bound=BaseModel)

PREDICATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "missing": "is required",
        "string_too_short": "is required",
        "extra_forbidden": "is not known",
        "model_type": "must be an object",
        "list_type": "must be an array",
        "too_short": "must have at least {min_length} item",
        "too_long": "must not have more than {max_length} items",
        "string_type": "must be a string",
        "string_too_long": "must not be longer than {max_length} characters",
        "bool_type": "must be true or false",
        "literal_error": "must be one of: {expected}",
    }
)
"""What is wrong with a field, by the type of Pydantic's error."""

FIELD: Final = "{field}"
"""Begins a sentence that needs the name of its field, until the whole path is known."""


def wrong(predicate: str, hint: str | None = None) -> PydanticCustomError:
    """An error for a validator to raise. The predicate follows the field: "must be a UUID"."""
    return _carried(f"{FIELD} {predicate}.", hint)


def _carried(message: str, hint: str | None) -> PydanticCustomError:
    return PydanticCustomError("problem", "{message}", {"message": message, "hint": hint})


class Problems(ProblemCollector):
    """The problems of one object of a body. Paths begin at the object; `fields` are its shape's."""

    def __init__(self, fields: Mapping[str, FieldInfo] = MappingProxyType({})) -> None:
        super().__init__("validation_error")
        self._fields = fields
        self._unknown_keys = 0

    def has(self, key: str) -> bool:
        """Whether something is wrong with the field `key`."""
        return any(problem.path[:1] == (key,) for problem in self._problems)

    def add_predicate(self, predicate: str, *path: str | int, hint: str | None = None) -> None:
        self.add(f"{FIELD} {predicate}.", path, hint)

    @contextmanager
    def collect(self, *path: str | int) -> Iterator[None]:
        """Collect the errors raised inside, at `path` or below."""
        try:
            yield
        except ValidationError as error:
            for item in error.errors(include_url=False, include_input=False):
                self._add_item(item, (*path, *item["loc"]))
        except PydanticCustomError as error:
            carried = error.context or {}
            self.add(carried["message"], path, carried["hint"])
        except CoterieError as error:
            self.add_error(error, path)

    def raise_in_validator(self) -> None:
        """Raises ValidationError, which becomes part of that of the enclosing object."""
        if self._problems:
            items = [
                InitErrorDetails(type=_carried(problem.message, problem.hint), loc=problem.path, input=None)
                for problem in self._problems
            ]
            raise ValidationError.from_exception_data("body", items)

    def raise_if_any(self) -> None:
        """Raises InvalidInput with every problem, once paths begin at the body."""
        self._problems = [replace(problem, message=_named(problem)) for problem in self._problems]
        super().raise_if_any()

    def _add_item(self, item: Mapping[str, Any], path: Path) -> None:
        """Add one of Pydantic's errors. Unknown keys come first."""
        details, kind = item.get("ctx", {}), item["type"]
        if "message" in details:  # carried from an object inside
            self.add(details["message"], path, details["hint"])
        elif kind not in PREDICATES:
            self.add(f"{item['msg']}.", path)
        else:
            predicate = PREDICATES[kind].format_map(_plain(details))
            if kind == "string_type" and self._takes_null(path):
                predicate += " or null"
            self.add_predicate(predicate, *path, hint=self._known_keys if kind == "extra_forbidden" else None)
            if kind == "extra_forbidden":
                self._problems.insert(self._unknown_keys, self._problems.pop())
                self._unknown_keys += 1

    def _takes_null(self, path: Path) -> bool:
        field = self._fields.get(str(path[0])) if len(path) == 1 else None
        return field is not None and type(None) in get_args(field.annotation)

    @property
    def _known_keys(self) -> str:
        return f"Known: {', '.join(self._fields)}."


def _named(problem: Problem) -> str:
    subject = f"The {dotted(problem.path)} field" if problem.path else "The body"
    return subject + problem.message.removeprefix(FIELD) if problem.message.startswith(FIELD) else problem.message


def _plain(details: Mapping[str, Any]) -> Mapping[str, Any]:
    """Rewrites Pydantic's choices, `'all', 'any' or 'none'`, as `all, any, none`."""
    if "expected" not in details:
        return details
    return {"expected": details["expected"].replace(" or ", ", ").replace("'", "")}


def php_object(value: object) -> object:
    """The value; an empty object for `[]`, which is how PHP writes one."""
    return {} if isinstance(value, list) and not value else value


def read(shape: type[Body], body: object, context: Context) -> Body:
    """Check the body against the shape. Raises InvalidInput with every problem and its path."""
    problems = Problems()
    sent = php_object(body)
    if not isinstance(sent, dict):
        problems.add_predicate("must be a JSON object")
        sent = {}
    with problems.collect():
        checked = shape.model_validate(sent, context=context)
    problems.raise_if_any()
    return checked
