"""What a receiver gets: a Standard Webhooks message about one transition, and its signed headers.

The id consists of the workspace and the sequence, so every attempt at one transition has the same,
also after a crash or a replay: a receiver that remembers ids processes each message once. The
profile is the present one at the time of the attempt, null once it is deleted.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_bytes

import orjson
from standardwebhooks import Webhook

from coterie.model import Action, Cause, DestinationSecret
from coterie.rules.values import Instant

TYPES = {Action.ENTER: "segment.entered", Action.EXIT: "segment.exited"}
SECRET_PREFIX = "whsec_"
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class MessageProfile:
    """The profile of a message."""

    id: str
    external_id: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """One transition to send. `segment_name` is the present one, None for a deleted segment."""

    workspace_id: str
    sequence: int
    action: Action
    cause: Cause
    at: Instant
    segment_id: str
    segment_name: str | None
    segment_version: int
    profile: MessageProfile | None

    @property
    def id(self) -> str:
        """The same at every attempt."""
        return message_id(self.workspace_id, self.sequence)

    def body(self) -> bytes:
        """The JSON to sign and send."""
        at, profile = self.at.iso(), self.profile
        return orjson.dumps(
            {
                "type": TYPES[self.action],
                "timestamp": at,
                "data": {
                    "sequence": self.sequence,
                    "segment": {"id": self.segment_id, "name": self.segment_name, "version": self.segment_version},
                    "profile": None
                    if profile is None
                    else {"id": profile.id, "external_id": profile.external_id, "email": profile.email},
                    "cause": self.cause.value,
                    "at": at,
                },
            }
        )


def message_id(workspace_id: str, sequence: int) -> str:
    """The id of the message about a transition.

    It contains no dot, because dots separate the parts of the signed text.
    """
    return f"msg_{workspace_id}_{sequence}"


def new_secret() -> str:
    """A new signing secret, in the notation of Standard Webhooks."""
    return SECRET_PREFIX + base64.b64encode(token_bytes(SECRET_BYTES)).decode()


def signed_headers(id: str, body: bytes, keys: Sequence[str], now: Instant) -> Mapping[str, str]:
    """The signature headers of `body`, with one signature for each key: two during a rotation."""
    at = datetime.fromtimestamp(now // 1000, UTC)
    text = body.decode()
    return {
        "webhook-id": id,
        "webhook-timestamp": str(now // 1000),
        "webhook-signature": " ".join(Webhook(key).sign(id, at, text) for key in keys),
    }


def valid_secrets(secrets: Sequence[DestinationSecret], now: int) -> list[DestinationSecret]:
    """Those that have not expired."""
    return [secret for secret in secrets if secret.expires_at is None or secret.expires_at > now]


def signing_keys(secrets: Sequence[DestinationSecret], now: int) -> list[str]:
    """The keys of the valid secrets, newest first."""
    newest_first = sorted(valid_secrets(secrets, now), key=lambda secret: secret.created_at, reverse=True)
    return [secret.secret for secret in newest_first]
