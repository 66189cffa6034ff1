"""One POST against bad receivers: it ends in time, reads little, and goes nowhere else."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
import time
from contextlib import suppress

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from coterie.live.delivery.address_policy import parse_endpoint
from coterie.live.delivery.attempt_result import AttemptResult
from coterie.live.delivery.http_client import RESPONSE_BYTES_MAX, Connection, Connector
from coterie.live.delivery.message import new_secret, signed_headers
from coterie.rules.values import Instant
from tests.unit.live.delivery.receivers import CERTIFICATE, Answer, Receiver, drips, hangs, receiving, says, says_raw

NOW = 1_772_357_400_000
WITHIN = 0.6
SLACK = 1.0
"""Seconds that a busy machine may add. Every receiver here would take several more."""


def connection(within: float = WITHIN) -> Connection:
    return Connection(Connector(private_allowed=True, seconds=within))


def posted(receiver: Receiver, over: Connection | None = None, body: bytes = b'{"a":1}') -> AttemptResult:
    return (over or connection()).post(parse_endpoint(receiver.url), {"Content-Type": "application/json"}, body, NOW)


def test_a_delivery_arrives_as_it_was_sent() -> None:
    with receiving(says(204)) as receiver:
        result = posted(receiver)
        assert (result.status, result.error, result.delivered) == (204, None, True)
        (heard,) = receiver.heard
        assert heard.line == "POST /hooks?from=coterie HTTP/1.1"
        assert heard.headers["host"] == f"127.0.0.1:{receiver.port}"
        assert heard.body == b'{"a":1}'


@pytest.mark.parametrize(
    "answer",
    [
        hangs(),
        drips(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0.1),
        drips(b"HTTP/1.1 100 Continue\r\n\r\n" * 50, 0.02),
        drips(b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 5_000, 0.01),
    ],
    ids=["says nothing", "a byte at a time", "goes on and on", "an endless header"],
)
def test_a_receiver_that_is_slow_costs_no_more_than_the_deadline(answer: Answer) -> None:
    with receiving(answer) as receiver:
        began = time.monotonic()
        result = posted(receiver)
        assert time.monotonic() - began < WITHIN + SLACK
        assert result.status is None
        assert result.error == "No answer within 0.6 seconds."
        assert WITHIN <= result.took < WITHIN + SLACK


def test_a_slow_body_after_a_good_status_is_a_success_within_the_deadline() -> None:
    """Only the status matters: a receiver that has the message must not get it again."""
    with receiving(drips(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1_000, 0.005)) as receiver:
        began = time.monotonic()
        result = posted(receiver)
        assert result.delivered
        assert time.monotonic() - began < WITHIN + SLACK


def test_no_more_is_read_of_an_answer_than_64_kib() -> None:
    sent: list[int] = []

    def floods(sock: object, _: object) -> bool:
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n")  # type: ignore[attr-defined]  # a socket
        try:
            while True:
                sent.append(sock.send(b"x" * 65_536))  # type: ignore[attr-defined]
        except OSError:
            return False

    with receiving(floods) as receiver:
        assert posted(receiver, connection(5)).delivered
        time.sleep(0.2)
        assert sum(sent) < 20 * 2**20  # what the system's buffers hold, and not the answer


def test_a_head_longer_than_that_is_a_failure() -> None:
    head = b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"x" * 1_000) for n in range(90))
    assert len(head) > RESPONSE_BYTES_MAX
    with receiving(says_raw(head + b"\r\n")) as receiver:
        assert posted(receiver).error == "The head of the answer is longer than 65,536 bytes."


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status: int) -> None:
    with receiving() as private, receiving(says(status, f"Location: {private.url}\r\n")) as receiver:
        result = posted(receiver)
        assert result.status == status
        assert result.error == f"The receiver answered {status}, a redirect; redirects are not followed."
        assert private.connections == 0


@pytest.mark.parametrize("status", [400, 401, 404, 410, 429, 500, 503])
def test_other_answers_are_failures_that_name_the_status(status: int) -> None:
    with receiving(says(status)) as receiver:
        result = posted(receiver)
        assert (result.status, result.error, result.retry_after) == (
            status,
            f"The receiver answered {status}.",
            None,
        )


@pytest.mark.parametrize(("status", "rest"), [(429, 7_000), (503, 7_000), (500, None), (200, None)])
def test_retry_after_is_read_with_429_and_503(status: int, rest: int | None) -> None:
    with receiving(says(status, "Retry-After: 7\r\n")) as receiver:
        assert posted(receiver).retry_after == rest


@pytest.mark.parametrize("text", [b"", b"\x00\xff\r\n\r\n", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 abc OK\r\n\r\n"])
def test_an_answer_that_is_not_http_is_a_failure(text: bytes) -> None:
    with receiving(says_raw(text)) as receiver:
        result = posted(receiver)
        assert result.status is None
        assert result.error is not None


def test_a_connection_is_kept_and_made_anew_when_the_receiver_closed_it() -> None:
    with receiving(says(200), says(200, again=False), says(200)) as receiver:
        kept = connection()
        assert posted(receiver, kept).delivered
        assert posted(receiver, kept).delivered
        assert receiver.connections == 1
        time.sleep(0.05)
        assert posted(receiver, kept).delivered
        assert receiver.connections == 2
        kept.close()


def test_a_receiver_that_closes_a_kept_connection_on_our_request_gets_it_again() -> None:
    with receiving(says(200), says_raw(b""), says(200)) as receiver:
        kept = connection()
        assert posted(receiver, kept).delivered
        assert posted(receiver, kept).delivered
        assert (receiver.connections, len(receiver.heard)) == (2, 3)


def test_a_closed_port_is_a_failure() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # held, so that nobody else can listen there, and not listening
        endpoint = parse_endpoint(f"http://127.0.0.1:{bound.getsockname()[1]}/")
        assert connection().post(endpoint, {}, b"", NOW).error == "The connection failed: Connection refused."


def test_a_name_is_resolved_for_every_connection_and_refused_when_it_has_turned_private() -> None:
    """DNS rebinding: public when it was registered, this machine when the connection is made."""
    with receiving() as receiver:
        asked: list[str] = []

        def resolve(host: str, port: int) -> list[str]:
            asked.append(host)
            return ["127.0.0.1"]

        guarded = Connection(Connector(private_allowed=False, resolve=resolve, seconds=WITHIN))
        result = guarded.post(parse_endpoint(f"http://rebound.example:{receiver.port}/"), {}, b"", NOW)
        assert result.error == "rebound.example leads to an address that is not public (webhook_private_targets)."
        assert asked == ["rebound.example"]
        assert receiver.connections == 0


def test_the_connection_goes_to_the_checked_address_and_names_the_host() -> None:
    with receiving() as receiver:
        answers = iter([["127.0.0.1"], ["127.0.0.99"]])
        open_connection = Connection(Connector(private_allowed=True, resolve=lambda *_: next(answers), seconds=WITHIN))
        endpoint = parse_endpoint(f"http://hooks.example:{receiver.port}/x")
        assert open_connection.post(endpoint, {}, b"", NOW).delivered  # the second answer would lead elsewhere
        assert receiver.heard[0].headers["host"] == f"hooks.example:{receiver.port}"


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy, receiving() as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert posted(receiver).delivered
        assert proxy.connections == 0


def test_aborting_from_another_thread_ends_an_exchange() -> None:
    with receiving(hangs()) as receiver:
        kept = connection(20)
        results: list[AttemptResult] = []
        under_way = threading.Thread(target=lambda: results.append(posted(receiver, kept)))
        under_way.start()
        while not receiver.heard:
            time.sleep(0.01)
        kept.abort()
        under_way.join(2)
        assert results[0].error is not None


def test_tls_checks_the_name_and_trusts_only_who_it_should() -> None:
    with receiving(certificate=CERTIFICATE) as receiver:
        trusting = ssl.create_default_context(cafile=str(CERTIFICATE))

        def posted_to(host: str, context: ssl.SSLContext) -> AttemptResult:
            connector = Connector(True, resolve=lambda *_: ["127.0.0.1"], trusted=context, seconds=3)
            return Connection(connector).post(parse_endpoint(f"https://{host}:{receiver.port}/"), {}, b"{}", NOW)

        assert posted_to("hooks.example", trusting).delivered
        assert "TLS failed" in (posted_to("other.example", trusting).error or "")
        assert "TLS failed" in (posted_to("hooks.example", ssl.create_default_context()).error or "")
        assert len(receiver.heard) == 1


def test_a_handshake_that_dawdles_costs_no_more_than_the_deadline() -> None:
    listening = socket.create_server(("127.0.0.1", 0))

    def dawdle() -> None:
        sock, _ = listening.accept()
        with suppress(OSError), sock:
            for byte in b"\x16\x03\x03\x40\x00" + b"\x00" * 1_000:
                sock.sendall(bytes([byte]))
                time.sleep(0.05)

    threading.Thread(target=dawdle, daemon=True).start()
    began = time.monotonic()
    endpoint = parse_endpoint(f"https://127.0.0.1:{listening.getsockname()[1]}/")
    result = connection().post(endpoint, {}, b"", NOW)
    listening.close()
    assert result.error == "No answer within 0.6 seconds."
    assert time.monotonic() - began < WITHIN + SLACK


def test_the_documented_bounds() -> None:
    assert (RESPONSE_BYTES_MAX, Connector(private_allowed=False).seconds) == (64 * 1024, 30.0)


def test_two_secrets_sign_while_one_runs_out_and_the_library_takes_either() -> None:
    old, new, body = new_secret(), new_secret(), '{"type":"segment.entered","name":"Zürich ✓"}'.encode()
    now = Instant(round(datetime.datetime.now(datetime.UTC).timestamp() * 1000))
    headers = dict(signed_headers("msg_1_2", body, [new, old], now))
    for secret in (old, new):
        assert Webhook(secret).verify(body, headers)["name"] == "Zürich ✓"
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(body + b" ", headers)
    assert len(headers["webhook-signature"].split(" ")) == 2
