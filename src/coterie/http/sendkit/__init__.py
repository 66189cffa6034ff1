"""The SendKit dialect, mounted at `/sendkit`: contacts, properties, lists and segments as SendKit's clients know them.

    grammar         the words of the segment grammar: fields, types, operators; start here
    to_rule         SendKit's filters to a rule, with every problem by its path (`conditions`, `operand`)
    from_rule       a rule to SendKit's filters, where they can say it
    objects         what is stored, as SendKit shows it; `contact_input` and `segment_input` read the other way
    values          single values, both ways
    contacts properties segments lists          the routes; `routes` gathers them into the `DIALECT`
    schema          shapes for the API description
    envelope pages faults                       errors, paging, and reading a body with all its faults

The translation is pure: what the workspace has comes in as `grammar.Known`. Where SendKit's documentation is silent, what we chose is in
`docs/guides/sendkit.md`.
"""

from __future__ import annotations

from coterie.http.sendkit.routes import DIALECT

__all__ = ["DIALECT"]
