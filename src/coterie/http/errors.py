"""What only HTTP can get wrong, as part of the one tree of errors (`coterie.errors`).

To add one: subclass here, and give its status in `problems.STATUS`.
"""

from __future__ import annotations

from coterie.errors import AccessRefused, CoterieError, InvalidInput, LimitExceeded


class KeyMalformed(AccessRefused):
    """There is an Authorization header, but it is not `Bearer <key>`."""

    code = "key_malformed"


class MalformedBody(InvalidInput):
    """The bytes of the body are not what its headers say: cut short, badly compressed."""

    code = "malformed_body"


class MalformedJson(MalformedBody):
    """The body is not JSON, or is JSON that cannot be held: nested too deep, not UTF-8, a number that is none."""

    code = "malformed_json"


class UnsupportedMediaType(CoterieError):
    """The body is of a kind that this address does not take."""

    code = "unsupported_media_type"


class UnsupportedEncoding(UnsupportedMediaType):
    """The body is packed in a way that we cannot unpack."""

    code = "unsupported_encoding"


class BodyTooSlow(CoterieError):
    """The body did not arrive in time."""

    code = "body_too_slow"


class InvalidHeader(InvalidInput):
    """A header says something that it cannot mean."""

    code = "invalid_header"


class EventTooLarge(LimitExceeded):
    """An event of a tracking call has more bytes than one may have."""

    code = "event_too_large"


class TooManyStreams(CoterieError):
    """As many streams are open as may be."""

    code = "too_many_streams"


class Overloaded(CoterieError):
    """More requests wait for the writer than may; `Retry-After` says when to come again."""

    code = "overloaded"
