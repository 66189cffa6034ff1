"""Reads a body against its shape, and says what is wrong with it in the sentences SendKit's clients
are used to: "The email field is required." These are the `errors` of its 422.

Pydantic checks the shapes (`shapes.py`) and carries each problem with its path to the top, where the
sentence is made. To word another of Pydantic's errors, add its type to `PREDICATES`; validators of
our own raise `wrong(...)`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Final, Literal, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import InitErrorDetails, PydanticCustomError

from coterie.errors import CoterieError, InvalidInput, Path, Problem
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

CODE: Final = "validation_error"
_WHOLE: Final = "whole"


def wrong(predicate: str, hint: str | None = None) -> PydanticCustomError:
    """The error of a validator. `predicate` follows the name of the field: "must be a UUID"."""
    return _error("predicate", predicate, hint)


def _error(kind: Literal["predicate", "whole"], text: str, hint: str | None) -> PydanticCustomError:
    return PydanticCustomError(kind, "{text}", {"text": text, "hint": hint})


class Problems:
    """The problems of one object of a body, whose shape has these `fields`. Their paths begin at that
    object."""

    def __init__(self, fields: Mapping[str, FieldInfo] = MappingProxyType({})) -> None:
        self._fields = fields
        self._unknown_keys: list[InitErrorDetails] = []
        self._others: list[InitErrorDetails] = []

    def has(self, key: str) -> bool:
        """Whether something is wrong with the field `key`."""
        return any(problem.get("loc", ())[:1] == (key,) for problem in self._others)

    def add(self, predicate: str, *path: str | int, hint: str | None = None) -> None:
        self._add(wrong(predicate, hint), path)

    def add_sentence(self, sentence: str, *path: str | int, hint: str | None = None) -> None:
        """Add a problem whose sentence does not begin with the name of the field."""
        self._add(_error(_WHOLE, sentence, hint), path)

    @contextmanager
    def collect(self, *path: str | int) -> Iterator[None]:
        """Collect what is raised inside, at `path` or below."""
        try:
            yield
        except ValidationError as error:
            for item in error.errors(include_url=False, include_input=False):
                self._take(item, (*path, *item["loc"]))
        except PydanticCustomError as error:
            self._add(error, path)
        except CoterieError as error:
            for problem in error.problems:
                self.add_sentence(problem.message, *path, hint=problem.hint)

    def raise_if_any(self) -> None:
        """Raises ValidationError, which becomes part of the one of the object around. Unknown keys
        come first."""
        if self._unknown_keys or self._others:
            raise ValidationError.from_exception_data("body", [*self._unknown_keys, *self._others])

    def _take(self, item: Mapping[str, Any], path: Path) -> None:
        details, kind = item.get("ctx", {}), item["type"]
        if kind == "extra_forbidden":
            error = wrong(PREDICATES[kind], f"Known: {', '.join(self._fields)}.")
            self._unknown_keys.append(InitErrorDetails(type=error, loc=path, input=None))
        elif kind in PREDICATES:
            or_null = " or null" if kind == "string_type" and self._takes_null(path) else ""
            self.add(PREDICATES[kind].format_map(_plain(details)) + or_null, *path)
        elif "text" in details:  # worded already, further down
            self._add(PydanticCustomError(kind, "{text}", details), path)
        else:
            self.add_sentence(f"{item['msg']}.", *path)

    def _takes_null(self, path: Path) -> bool:
        field = self._fields.get(str(path[0])) if len(path) == 1 else None
        return field is not None and type(None) in get_args(field.annotation)

    def _add(self, error: PydanticCustomError, path: Path) -> None:
        self._others.append(InitErrorDetails(type=error, loc=path, input=None))


def _plain(details: Mapping[str, Any]) -> Mapping[str, Any]:
    """Pydantic writes `'all', 'any' or 'none'` for the choices; SendKit has them plain."""
    if "expected" not in details:
        return details
    return {"expected": details["expected"].replace(" or ", ", ").replace("'", "")}


def php_object(value: object) -> object:
    """`value`, or an empty object for `[]`, as PHP writes one."""
    return {} if isinstance(value, list) and not value else value


def read(shape: type[Body], body: object, context: Context) -> Body:
    """The body, checked. Raises InvalidInput with every problem, each with its path."""
    problems = Problems()
    sent = php_object(body)
    if not isinstance(sent, dict):
        problems.add("must be a JSON object")
        sent = {}
    with problems.collect():
        checked = shape.model_validate(sent, context=context)
    try:
        problems.raise_if_any()
    except ValidationError as error:
        first, *others = [_problem_of(item) for item in error.errors(include_url=False, include_input=False)]
        raise InvalidInput(first.message, path=first.path, hint=first.hint, others=others) from None
    return checked


def _problem_of(item: Mapping[str, Any]) -> Problem:
    path, text = item["loc"], item["ctx"]["text"]
    subject = f"The {dotted(path)} field" if path else "The body"
    sentence = text if item["type"] == _WHOLE else f"{subject} {text}."
    return Problem(sentence, path, CODE, item["ctx"]["hint"])
