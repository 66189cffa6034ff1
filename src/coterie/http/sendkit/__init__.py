"""The SendKit dialect, mounted at `/sendkit`: contacts, properties, lists and segments.

    grammar             the words of the segment grammar: fields, types, operators; start here
    to_rule             SendKit's filters to a rule (`conditions`, `operand`)
    from_rule           a rule to SendKit's filters, where the grammar can express it
    to_model            the other bodies to inputs of a workspace
    from_model          contacts, properties, lists and segments as SendKit's JSON
    lookups             what routes ask the workspace for, `Context` included
    shapes examples     bodies and answers; bodies are checked against them (`fields`, `wording`)
    envelope pages      errors and lists
    routes              the routes, and the `DIALECT` that gathers them

The translation is pure: what it needs of the workspace comes in as `grammar.Context`. Where
SendKit's documentation is silent, our choices are in `docs/guides/sendkit.md`.
"""

from __future__ import annotations

from coterie.http.sendkit.routes import DIALECT

__all__ = ["DIALECT"]
