"""Errors that only HTTP can have, as part of the one tree of errors (`coterie.errors`).

To add one: subclass here, and give its status in `problems.STATUS`.
"""

from __future__ import annotations

from coterie.errors import AccessRefused, CoterieError, InvalidInput, LimitExceeded


class KeyMalformed(AccessRefused):
    """The Authorization header is not `Bearer <key>`."""

    code = "key_malformed"


class MalformedBody(InvalidInput):
    """The bytes of the body contradict its headers: cut short, badly compressed."""

    code = "malformed_body"


class MalformedJson(MalformedBody):
    """The body is not JSON, or JSON that cannot be read: nested too deep, not UTF-8, not a
    number."""

    code = "malformed_json"


class UnsupportedMediaType(CoterieError):
    """This address does not accept the media type of the body."""

    code = "unsupported_media_type"


class UnsupportedEncoding(UnsupportedMediaType):
    """The encoding of the body is not supported."""

    code = "unsupported_encoding"


class BodyTooSlow(CoterieError):
    """The body did not arrive in time."""

    code = "body_too_slow"


class InvalidHeader(InvalidInput):
    """A header has an impossible value."""

    code = "invalid_header"


class EventTooLarge(LimitExceeded):
    """An event of a tracking call has too many bytes."""

    code = "event_too_large"


class TooManyStreams(CoterieError):
    """The limit of open streams is reached."""

    code = "too_many_streams"


class Overloaded(CoterieError):
    """Too many requests wait for the writer; `Retry-After` says when to try again."""

    code = "overloaded"
