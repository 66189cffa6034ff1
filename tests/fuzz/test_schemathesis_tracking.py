"""The tracking operations of the API description, fuzzed: no input leads to a 5xx, and every answer
is described.

Each operation is called as described, with the key in the header and with the key in the body; and
so are batches of the calls that are described for single addresses. It takes well under a minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)  # fmt: skip

from coterie.http import tracking
from tests.unit.http.tracking.harness import World, basic, opened

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
"""They do not check that all valid input is accepted: a call needs a userId or an anonymousId."""

BOUNDED = settings(
    max_examples=25, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("fuzz") / "data", log_level="error") as world:
        yield world


def described() -> schemathesis.BaseSchema:
    """The description of this dialect alone."""
    app = FastAPI()
    app.include_router(tracking.DIALECT.router, prefix=tracking.DIALECT.prefix)
    return schemathesis.openapi.from_dict(app.openapi())


schema = described()


@schema.parametrize()
@BOUNDED
def test_as_described(case: Case, fuzzed: World) -> None:
    case.call_and_validate(app=fuzzed.client.app, headers={"Authorization": basic(fuzzed.keys["write"])}, checks=CHECKS)


@schema.parametrize()
@BOUNDED
def test_with_the_key_in_the_body(case: Case, fuzzed: World) -> None:
    if isinstance(case.body, dict):
        case.body["writeKey"] = fuzzed.keys["write"]
    case.headers = {name: value for name, value in (case.headers or {}).items() if name.lower() != "authorization"}
    case.call_and_validate(app=fuzzed.client.app, checks=CHECKS)


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9)
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=9,
)
NAMES = st.sampled_from(["u1", "u2", "a1", "", "é", "\x00"])
TIMES = st.sampled_from(
    ["2026-03-01T09:30:00Z", "2026-03-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "soon"]
)
TRAITS = st.dictionaries(st.sampled_from(["email", "id", "created_at", "plan", "", "a.b"]), JSON, max_size=4)
MESSAGES = st.fixed_dictionaries(
    {"type": st.sampled_from(["identify", "track", "page", "screen", "group", "alias", "merge"])},
    optional={
        "userId": NAMES | SCALARS, "anonymousId": NAMES | SCALARS, "previousId": NAMES | SCALARS,
        "groupId": NAMES | SCALARS, "event": NAMES, "messageId": NAMES | SCALARS,
        "timestamp": TIMES, "originalTimestamp": TIMES, "sentAt": TIMES, "traits": TRAITS | JSON,
        "properties": st.dictionaries(st.text(max_size=5), JSON, max_size=4) | JSON,
        "context": st.dictionaries(st.sampled_from(["traits", "ip", "page"]), JSON, max_size=3) | JSON,
        "name": SCALARS | JSON, "category": JSON,
    },
)  # fmt: skip


@settings(BOUNDED, max_examples=150)
@given(batch=st.lists(MESSAGES | JSON, max_size=8))
def test_a_batch_is_accepted_whatever_its_messages_are(fuzzed: World, batch: list[Any]) -> None:
    """Every message is stored or reported as dropped, and the same batch gets the same answer
    again."""
    answer = fuzzed.ask("batch", {"batch": batch})
    dropped = {message["index"] for message in answer.get("dropped", [])}
    assert dropped <= set(range(len(batch)))
    again = fuzzed.ask("batch", {"batch": batch})
    assert {message["index"] for message in again.get("dropped", [])} == dropped
    assert fuzzed.workspace.check().faults == ()
