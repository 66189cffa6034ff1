"""Bodies of contacts and segments, checked against their shapes, to inputs of our own. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from coterie.http.sendkit.from_model import definition_of
from coterie.http.sendkit.from_rule import opaque
from coterie.http.sendkit.grammar import OWN_PROPERTIES, Context
from coterie.http.sendkit.shapes import SendKitContactFields, SendKitSegmentChange
from coterie.http.sendkit.to_rule import Definition
from coterie.http.sendkit.wording import php_object, read
from coterie.model import UNSET, ProfileInput, Segment, Unset


def contact_to_model(sent: SendKitContactFields) -> ProfileInput:
    """Absent fields are UNSET. Null removes."""
    present = sent.model_fields_set
    own = {name: getattr(sent, name) for name in OWN_PROPERTIES if name in present}
    return ProfileInput(
        external_id=sent.user_id if "user_id" in present else UNSET,
        email=sent.email if "email" in present else UNSET,
        properties=own | (sent.properties if "properties" in present else {}),
        lists=without_repeats(sent.list_ids) if "list_ids" in present else UNSET,
    )


def without_repeats(ids: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(ids))


def segment_change_to_model(body: object, segment: Segment, context: Context) -> tuple[str | Unset, Definition | None]:
    """The new name and the new definition of a segment; None when the definition stays.

    Absent parts of the definition are those of the segment. A segment that the grammar cannot
    express is answered as the condition that names it (`opaque`). Sent back, that condition changes
    nothing; taken literally, it would make the segment depend on itself. Raises InvalidInput.
    """
    sent, current = php_object(body), definition_of(segment, context)
    if isinstance(sent, dict) and sent.keys() & current.keys():
        sent = current | sent
    change = read(SendKitSegmentChange, sent, context)
    name = change.name if "name" in change.model_fields_set else UNSET
    if "filters" not in change.model_fields_set:
        return name, None
    definition = Definition(change.match_type, change.filters)
    stays = definition.document["filters"] == opaque(segment.id)["filters"] == current["filters"]
    return name, None if stays else definition
