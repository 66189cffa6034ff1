"""The Greenflash dialect, mounted at `/greenflash/api/v1`: segments, users, organizations, messages, ratings and events as Greenflash's clients know them.

    grammar           the words of the segment grammar, and the names of properties; start here
    to_rule           Greenflash's filters to a rule, with every problem by its path (`conditions`, `faults`)
    from_rule         a rule to Greenflash's filters, where they can say it
    translate         the other bodies to the inputs of a workspace; `properties` for objects within objects
    objects           what is stored, as Greenflash shows it; `analytics` for what a segment's members say
    segments users organizations messages events interactions       the routes; `routes` gathers them into the `DIALECT`
    schema examples   shapes, against which bodies are checked too
    envelope pages    errors and lists

The translation is pure: what the workspace has comes in as `grammar.Known`. Where Greenflash's documentation is silent, what we chose is in
`docs/guides/greenflash.md`.
"""

from __future__ import annotations

from coterie.http.greenflash.routes import DIALECT

__all__ = ["DIALECT"]
