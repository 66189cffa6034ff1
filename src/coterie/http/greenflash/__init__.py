"""The Greenflash dialect, mounted at `/greenflash/api/v1`.

Segments, users, organizations, messages, ratings and events, as Greenflash's clients know them.

    grammar             the words of the segment grammar, and the names of properties; start here
    to_rule             Greenflash's filters to a rule (`conditions` for single rules, `wording`)
    from_rule           a rule to Greenflash's filters, where the grammar can express it
    to_model            the other bodies to inputs of a workspace (`properties` for nested objects)
    from_model          segments, users, organizations and conversations as Greenflash's JSON
    analytics           averages and counts over the conversations of a segment's members
    lookups             what routes ask the workspace for, `Context` included
    shapes examples     the bodies and answers of the API description; shapes check bodies too
    envelope pages      errors and lists
    routes              the routes, and the `DIALECT` that gathers them

The translation is pure: what it needs of the workspace comes in as `grammar.Context`. Where
Greenflash's documentation leaves a choice open, ours is in `docs/guides/greenflash.md`.
"""

from __future__ import annotations

from coterie.http.greenflash.routes import DIALECT

__all__ = ["DIALECT"]
