"""Idempotency-Key: the work is done once, the answer is given every time."""

from __future__ import annotations

import pytest

from tests.unit.http.edge.toy import ToyServer, bearer, client

WRITE = bearer("write")


def test_a_repeat_is_given_the_first_answer_and_does_nothing() -> None:
    server = ToyServer()
    toy = client(server)
    headers = {**WRITE, "Idempotency-Key": "k-1"}
    first = toy.post("/plain/once", json={"name": "x"}, headers=headers)
    again = toy.post("/plain/once", json={"name": "x"}, headers=headers)
    assert (first.status_code, first.json(), first.headers["Location"]) == (201, {"count": 1}, "/toy/1")
    assert (again.status_code, again.json(), again.headers["Location"]) == (201, {"count": 1}, "/toy/1")
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert server.toy.writes == 1


def test_without_a_key_every_request_does_its_work() -> None:
    server = ToyServer()
    for count in (1, 2):
        answered = client(server).post("/plain/once", json={"name": "x"}, headers=WRITE)
        assert answered.json() == {"count": count}
        assert "Idempotency-Replayed" not in answered.headers


@pytest.mark.parametrize("key", ["", "x" * 256, "caf\u00e9", "tab\tbed"])
def test_a_key_that_is_not_printable_ascii_of_1_to_255_is_refused_and_nothing_done(key: str) -> None:
    server = ToyServer()
    headers = [*WRITE.items(), (b"Idempotency-Key", key.encode("latin-1"))]
    answered = client(server).post("/plain/once", json={"name": "x"}, headers=headers)  # type: ignore[arg-type]
    assert (answered.status_code, answered.json()["code"]) == (400, "invalid_header")
    assert answered.json()["path"] == "Idempotency-Key"
    assert server.toy.writes == 0


def test_two_keys_are_refused() -> None:
    headers = [*WRITE.items(), ("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    assert client().post("/plain/once", json={"name": "x"}, headers=headers).status_code == 400


def test_a_request_that_was_refused_may_be_corrected_under_its_key() -> None:
    server = ToyServer()
    headers = {**WRITE, "Idempotency-Key": "k" * 255}
    assert client(server).post("/plain/once", json={"name": 1}, headers=headers).status_code == 422
    assert client(server).post("/plain/once", json={"name": "x"}, headers=headers).status_code == 201
    assert server.toy.writes == 1


def test_the_fingerprint_tells_requests_apart_by_method_address_body_and_key() -> None:
    from coterie.model import IdempotencyRecord

    seen: list[IdempotencyRecord] = []
    server = ToyServer()
    original = server.toy.write
    server.toy.write = lambda idempotency: (seen.append(idempotency), original(None))[1]  # type: ignore[assignment, func-returns-value, arg-type]
    toy = client(server)
    for prefix, body, secret in (
        ("/plain", {"name": "x"}, "write"),
        ("/plain", {"name": "x"}, "write"),
        ("/plain", {"name": "y"}, "write"),
        ("/toy", {"name": "x"}, "write"),
    ):
        toy.post(f"{prefix}/once", json=body, headers={**bearer(secret), "Idempotency-Key": "k"})
    same, again, *others = [record.fingerprint for record in seen]
    assert same == again
    assert len({same, *others}) == 3
