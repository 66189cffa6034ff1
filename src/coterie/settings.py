"""Every setting and every limit, in one table.

Flags, environment variables (`COTERIE_...`) and the reference page are generated from it. Reaching
a limit is an error that names the limit; nothing is cut silently.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from coterie.errors import InvalidInput, Problem
from coterie.rules.limits import DEPTH_MAX_MAX, RuleLimits, ValueLimits

_RULES = RuleLimits()

LogLevel = Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(lambda word: str(word).lower())]

RENAMED: Mapping[str, str] = {"root_face": "root_dialect"}
"""The old names of settings, which this version still accepts."""


class Settings(BaseSettings):
    """The table. A field not given is read from the variable `COTERIE_<FIELD>`."""

    model_config = SettingsConfigDict(env_prefix="COTERIE_", extra="ignore", frozen=True)

    data: Path = Field(
        default=Path("./coterie-data"), description="The data directory; created when it does not exist."
    )
    host: str = Field(default="127.0.0.1", description="The address the server listens on.")
    port: int = Field(default=8080, ge=0, le=65535, description="The port the server listens on.")
    bootstrap_key: SecretStr | None = Field(
        default=None,
        description="A secret that becomes an admin key of workspace `default` at start, for containers.",
    )
    zone: str = Field(default="UTC", description="The time zone of new workspaces, such as `Europe/Berlin`.")
    root_dialect: str | None = Field(
        default=None,
        description="A dialect (`sendkit`, `tracking`) to serve at `/` as well as under its own prefix, for "
        "clients that drop the path of a base URL.",
    )
    root_face: str | None = Field(
        default=None, description="The old name of `COTERIE_ROOT_DIALECT`; the next version no longer reads it."
    )
    log_level: LogLevel = Field(default="info", description="debug, info, warning or error.")

    body_bytes_max: int = Field(default=8 * 2**20, ge=1, description="Bytes of a request body, after decompression.")
    body_waited_for: float = Field(default=60, ge=1, description="Seconds a request body may take to arrive.")
    batch_rows_max: int = Field(default=10_000, ge=1, description="Profiles, events or conversations in one batch.")
    page_max: int = Field(default=1_000, ge=1, description="Items on one page of a native list.")
    tracking_body_bytes_max: int = Field(
        default=500 * 2**10, ge=1, description="Bytes of the body of a tracking call, after decompression."
    )
    tracking_event_bytes_max: int = Field(
        default=32 * 2**10, ge=1, description="Bytes of one event of a tracking call."
    )
    tracking_batch_max: int = Field(default=2_500, ge=1, description="Events in one tracking batch.")
    tracking_waiting_max: int = Field(
        default=256,
        ge=1,
        description="Tracking calls that wait for the writer at once; a further call is answered 429.",
    )
    idempotency_kept_for: int = Field(
        default=86_400, ge=1, description="Seconds for which the response to an Idempotency-Key is stored."
    )

    email_length_max: int = Field(default=255, ge=1, description="Characters of an email address.")
    external_id_length_max: int = Field(default=255, ge=1, description="Characters of an external id.")
    segment_name_length_max: int = Field(default=255, ge=1, description="Characters of a segment's name.")
    property_name_length_max: int = Field(default=255, ge=1, description="Characters of a property's name.")
    profile_properties_max: int = Field(default=1_000, ge=1, description="Properties of one profile.")
    text_length_max: int = Field(default=65_536, ge=1, description="Characters of one text value.")
    list_length_max: int = Field(default=1_000, ge=1, description="Items of one list value.")
    segments_max: int = Field(default=100_000, ge=1, description="Segments in a workspace.")

    rule_depth_max: int = Field(
        default=_RULES.depth_max, ge=1, le=DEPTH_MAX_MAX, description="Levels of groups in a rule."
    )
    rule_nodes_max: int = Field(default=_RULES.nodes_max, ge=1, description="Nodes in a rule.")
    operand_values_max: int = Field(
        default=_RULES.operand_values_max, description="Values in the operand of `in` and similar operators."
    )
    pattern_length_max: int = Field(
        default=_RULES.pattern_length_max, description="Characters of a regular expression."
    )

    destinations_max: int = Field(default=50, ge=1, description="Destinations of webhooks in a workspace.")
    webhook_private_targets: bool = Field(
        default=False,
        description="Whether webhooks may go to private addresses. Anyone who may register a destination can then "
        "reach this network.",
    )
    webhook_slots_max: int = Field(default=4, ge=1, description="Concurrent deliveries to one destination.")
    webhook_flying_max: int = Field(
        default=64,
        ge=1,
        description="Concurrent deliveries of a workspace, beyond one for every destination.",
    )
    webhook_waiting_max: int = Field(
        default=10_000,
        ge=1,
        description="Failed deliveries of one destination that await another attempt. At this number nothing new "
        "is sent to it.",
    )
    streams_max: int = Field(default=500, ge=1, description="Streams of transitions open at once.")

    writer_group_max: int = Field(default=512, ge=1, description="The most requests that share one commit.")
    leaf_cache_bytes_max: int = Field(default=256 * 2**20, ge=1, description="Memory for cached leaves, per workspace.")
    evaluation_threads: int = Field(default=2, ge=1, description="Threads that evaluate a preview.")

    @model_validator(mode="before")
    @classmethod
    def _accept_old_names(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Read the old name of a setting as the new one, with a warning; the new name wins."""
        given = dict(given)
        for old, new in RENAMED.items():
            value = given.pop(old, None)
            if value is not None:
                warnings.warn(
                    f"The setting COTERIE_{old.upper()} is now COTERIE_{new.upper()}; the next version will not read "
                    "the old name.",
                    FutureWarning,
                    stacklevel=2,
                )
                given.setdefault(new, value)
        return given

    def value_limits(self) -> ValueLimits:
        return ValueLimits(text_length_max=self.text_length_max, list_length_max=self.list_length_max)

    def rule_limits(self) -> RuleLimits:
        return RuleLimits(
            depth_max=self.rule_depth_max,
            nodes_max=self.rule_nodes_max,
            operand_values_max=self.operand_values_max,
            pattern_length_max=self.pattern_length_max,
            text_length_max=self.text_length_max,
            property_name_length_max=self.property_name_length_max,
        )


def read_settings(**given: Any) -> Settings:
    """The settings: `given` first, then the environment.

    Raises InvalidInput, which names each wrong variable.
    """
    try:
        return Settings(**given)
    except ValidationError as error:
        first, *others = (_wrong(item["loc"], item["msg"]) for item in error.errors(include_input=False))
        raise InvalidInput(first.message, path=first.path, hint=first.hint, others=others) from None


def _wrong(place: tuple[int | str, ...], message: str) -> Problem:
    """The problem of one variable, without its value, which may be a secret."""
    variable = f"COTERIE_{place[0]}".upper()
    return Problem(f"{variable} is wrong: {message}.", (variable,), "invalid_input")
