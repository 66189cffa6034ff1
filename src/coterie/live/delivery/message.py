"""What a receiver is sent: a Standard Webhooks message about one transition, and its signed headers.

The id is the workspace's and the sequence, so that every attempt at one transition, also after a crash or a replay, carries the same: a
receiver that keeps the ids it has seen takes each in once. The profile is shown as it is when the attempt is made, null once it was deleted.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

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
    """One transition, ready to be said. The segment's name is the present one, None once it was deleted."""

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
        """The JSON that is signed and sent."""
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
    """No dot in it: the dot is what separates the parts of the text that is signed."""
    return f"msg_{workspace_id}_{sequence}"


def new_secret() -> str:
    """A secret to sign with, as Standard Webhooks writes them."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed_headers(id: str, body: bytes, keys: Sequence[str], now: Instant) -> Mapping[str, str]:
    """The headers that vouch for `body`, signed with each of the secrets: while an old one runs out, both."""
    at = datetime.fromtimestamp(now // 1000, UTC)
    text = body.decode()
    return {
        "webhook-id": id,
        "webhook-timestamp": str(now // 1000),
        "webhook-signature": " ".join(Webhook(key).sign(id, at, text) for key in keys),
    }


def keys_in_force(known: Sequence[DestinationSecret], now: int) -> list[str]:
    """The newest first, then those that still overlap."""
    in_force = [one for one in known if one.expires_at is None or one.expires_at > now]
    return [one.secret for one in sorted(in_force, key=lambda one: one.created_at, reverse=True)]
