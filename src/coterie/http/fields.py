"""Fields and settings that the shapes of several dialects share."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, PlainValidator


def absent(**more: Any) -> Any:
    """A key that may be absent, which differs from null.

    The default comes from a factory, so that the description shows none.
    """
    return Field(default_factory=lambda: None, **more)


def with_example(example: dict[str, Any]) -> ConfigDict:
    """The settings of a shape whose description has an example."""
    return ConfigDict(json_schema_extra={"examples": [example]})


def as_sent(shape: type[BaseModel]) -> PlainValidator:
    """Describe a body as `shape`, but hand it on as it was sent.

    Its reader then reports every problem at once.
    """
    return PlainValidator(lambda value: value, json_schema_input_type=shape)
