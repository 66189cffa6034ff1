"""Which profile an upsert means, as a table: what is there, what is sent, what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coterie.clock import ManualClock
from coterie.errors import CoterieError, IdentityConflict, InvalidInput, InvalidValue, LimitExceeded, NotFound
from coterie.model import UNSET, Outcome, ProfileInput, ProfileWrite, Rejected
from coterie.rules.values import Instant
from coterie.workspace import Workspace

Sent = tuple[str | None, str | None]  # external id and email; None: not sent


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace(tmp_path / "one.sqlite", clock=ManualClock(Instant(1_000_000_000_000))) as opened:
        yield opened


def profile(external_id: str | None, email: str | None, **properties: object) -> ProfileInput:
    return ProfileInput(
        external_id=UNSET if external_id is None else external_id,
        email=UNSET if email is None else email,
        properties=properties,
    )


EXTERNAL_ID = "external_id"
A = (None, "a@x.org")
U1 = ("u1", None)
U1_A = ("u1", "a@x.org")
U2_A = ("u2", "a@x.org")

SCENARIOS: list[tuple[str, list[Sent], Sent, str, Outcome, list[Sent]]] = [
    # sentence, profiles there, sent, match, outcome, profiles then
    ("an unknown external id makes a profile", [], U1, EXTERNAL_ID, Outcome.CREATED, [U1]),
    ("an unknown email makes a profile", [], A, EXTERNAL_ID, Outcome.CREATED, [A]),
    ("an external id is found", [U1_A], U1, EXTERNAL_ID, Outcome.UNCHANGED, [U1_A]),
    ("an email is found", [A], A, EXTERNAL_ID, Outcome.UNCHANGED, [A]),
    ("capitals in an email do not matter", [A], (None, "A@X.org"), EXTERNAL_ID, Outcome.UNCHANGED, [A]),
    ("capitals in an external id do", [U1], ("U1", None), EXTERNAL_ID, Outcome.CREATED, [U1, ("U1", None)]),
    ("an email without an external id is claimed", [A], U1_A, EXTERNAL_ID, Outcome.CLAIMED, [U1_A]),
    ("an email that belongs to an external id is not claimed by another",
     [U1_A], U2_A, EXTERNAL_ID, Outcome.CREATED, [U1_A, U2_A]),
    ("an external id wins over an email",
     [U1_A, (None, "b@x.org")], ("u1", "c@x.org"), EXTERNAL_ID,
     Outcome.UPDATED, [("u1", "c@x.org"), (None, "b@x.org")]),
    ("by email first, the external id is set", [A], U1_A, "email", Outcome.UPDATED, [U1_A]),
    ("by email first, the external id is changed", [U1_A], U2_A, "email", Outcome.UPDATED, [U2_A]),
    ("an email made by external id is found by email", [U1_A], A, EXTERNAL_ID, Outcome.UPDATED, [U1_A]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("there", "sent", "match", "outcome", "then"), [pytest.param(*row[1:], id=row[0]) for row in SCENARIOS]
)
def test_an_upsert_means(
    workspace: Workspace, there: list[Sent], sent: Sent, match: str, outcome: Outcome, then: list[Sent]
) -> None:
    for one in there:
        workspace.profiles.put(profile(*one))
    assert workspace.profiles.put(profile(*sent), match=match).outcome is outcome
    assert [(one.external_id, one.email) for one in workspace.profiles.list().items] == then


CONTRADICTIONS: list[tuple[str, list[Sent], Sent, str, type[CoterieError]]] = [
    ("an external id of another profile", [U1, A], U1_A, "email", IdentityConflict),
    ("an email that several profiles have", [U1_A, U2_A], A, EXTERNAL_ID, IdentityConflict),
    ("neither external id nor email", [], (None, None), EXTERNAL_ID, InvalidInput),
    ("by email without one", [U1], U1, "email", InvalidInput),
    ("no email address", [], (None, "nobody"), EXTERNAL_ID, InvalidValue),
    ("an empty external id", [], ("", None), EXTERNAL_ID, InvalidValue),
    ("an external id too long", [], ("u" * 256, None), EXTERNAL_ID, LimitExceeded),
    ("an email too long", [], (None, "a" * 250 + "@x.org"), EXTERNAL_ID, LimitExceeded),
    ("a NUL in an external id", [], ("u\0", None), EXTERNAL_ID, InvalidValue),
    ("half a surrogate pair in an email", [], (None, "\ud800@x.org"), EXTERNAL_ID, InvalidValue),
]  # fmt: skip


@pytest.mark.parametrize(
    ("there", "sent", "match", "error"), [pytest.param(*row[1:], id=row[0]) for row in CONTRADICTIONS]
)
def test_what_contradicts_is_refused_and_nothing_is_stored(
    workspace: Workspace, there: list[Sent], sent: Sent, match: str, error: type[CoterieError]
) -> None:
    for one in there:
        workspace.profiles.put(profile(*one))
    with pytest.raises(error):
        workspace.profiles.put(profile(*sent, plan="pro"), match=match)
    assert [(one.external_id, one.email) for one in workspace.profiles.list().items] == [
        (external_id, email) for external_id, email in there
    ]
    assert all("plan" not in one.properties for one in workspace.profiles.list().items)


def test_two_profiles_swap_their_emails_in_one_batch(workspace: Workspace) -> None:
    first = workspace.profiles.put(profile(None, "a@x.org")).id
    second = workspace.profiles.put(profile(None, "b@x.org")).id
    spare = ProfileInput(id=first, email="c@x.org")
    answers = workspace.profiles.put_many(
        [spare, ProfileInput(id=second, email="a@x.org"), ProfileInput(id=first, email="b@x.org")]
    )
    assert all(isinstance(one, ProfileWrite) for one in answers)
    assert workspace.profiles.get(first).email == "b@x.org"
    assert workspace.profiles.get(second).email == "a@x.org"


def test_a_batch_sees_its_own_earlier_items(workspace: Workspace) -> None:
    answers = workspace.profiles.put_many(
        [
            profile(None, "a@x.org", n=1),
            profile("u1", "a@x.org", n=2),
            profile("u1", None, n=3),
            profile("u2", "a@x.org"),
        ]
    )
    assert [one.outcome for one in answers if isinstance(one, ProfileWrite)] == [
        Outcome.CREATED, Outcome.CLAIMED, Outcome.UPDATED, Outcome.CREATED,
    ]  # fmt: skip
    assert workspace.profiles.get(external_id="u1").properties == {"n": 3.0}


def test_a_bad_item_of_a_batch_does_not_keep_the_good_ones_out(workspace: Workspace) -> None:
    answers = workspace.profiles.put_many(
        [profile("u1", None), profile("u2", None, n=float("nan")), profile("u3", "no address"), profile("u4", None)]
    )
    assert [type(one) for one in answers] == [ProfileWrite, Rejected, Rejected, ProfileWrite]
    assert isinstance(answers[1], Rejected)
    assert answers[1].problems[0].path == ("properties", "n")
    assert [one.external_id for one in workspace.profiles.list().items] == ["u1", "u4"]


def test_what_changes_nothing_touches_nothing(tmp_path: Path) -> None:
    clock = ManualClock(Instant(1_000_000_000_000))
    with Workspace(tmp_path / "one.sqlite", clock=clock) as workspace:
        workspace.profiles.put(profile("u1", None, plan="pro", tags=["a", "b"]))
        clock.advance(1000)
        assert (
            workspace.profiles.put(profile("u1", None, plan="pro", tags=["a", "b"], gone=None)).outcome
            is Outcome.UNCHANGED
        )
        assert workspace.profiles.get(external_id="u1").updated_at == 1_000_000_000_000
        assert [one.name for one in workspace.properties.list()] == ["plan", "tags"]


def test_a_property_sent_as_null_is_removed(workspace: Workspace) -> None:
    workspace.profiles.put(profile("u1", None, plan="pro", mrr=1))
    assert workspace.profiles.put(profile("u1", None, plan=None)).outcome is Outcome.UPDATED
    assert workspace.profiles.get(external_id="u1").properties == {"mrr": 1.0}


def test_true_and_1_are_different_values(workspace: Workspace) -> None:
    workspace.profiles.put(profile("u1", None, flag=True))
    assert workspace.profiles.put(profile("u1", None, flag=1)).outcome is Outcome.UPDATED
    assert workspace.profiles.get(external_id="u1").properties["flag"] == 1.0
    assert workspace.profiles.get(external_id="u1").properties["flag"] is not True


def test_an_update_of_an_unknown_id_is_not_found(workspace: Workspace) -> None:
    with pytest.raises(NotFound):
        workspace.profiles.update("0198f1f0-0000-7000-8000-000000000000", profile(None, None, plan="pro"))


def test_a_profile_never_loses_its_last_identifier(workspace: Workspace) -> None:
    known = workspace.profiles.put(profile("u1", None)).id
    with pytest.raises(InvalidInput):
        workspace.profiles.update(known, ProfileInput(external_id=None))
