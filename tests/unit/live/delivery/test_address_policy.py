"""Where a delivery may go, and where it may not."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence

import pytest

from coterie.clock import Deadline
from coterie.errors import InvalidInput
from coterie.live.delivery.address_policy import (
    AddressError,
    Endpoint,
    allowed_addresses,
    is_public,
    parse_endpoint,
    system_resolve,
)

PUBLIC = "93.184.215.14"


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("https://example.com", Endpoint("https", "example.com", 443, "/")),
        ("HTTPS://Example.COM:443/hooks?a=b", Endpoint("https", "example.com", 443, "/hooks?a=b")),
        ("http://example.com:8080/x/", Endpoint("http", "example.com", 8080, "/x/")),
        ("https://[2606:4700::1111]/x", Endpoint("https", "2606:4700::1111", 443, "/x")),
        ("https://example.com?x=1", Endpoint("https", "example.com", 443, "/?x=1")),
        ("https://xn--bcher-kva.example/%20", Endpoint("https", "xn--bcher-kva.example", 443, "/%20")),
    ],
)
def test_a_url_is_parsed(url: str, endpoint: Endpoint) -> None:
    assert parse_endpoint(url) == endpoint


def test_the_host_header_names_the_host_and_a_port_that_is_not_the_usual() -> None:
    assert parse_endpoint("https://example.com/").host_header == "example.com"
    assert parse_endpoint("http://example.com:443/").host_header == "example.com:443"
    assert parse_endpoint("https://[::1]:8443/").host_header == "[::1]:8443"


@pytest.mark.parametrize(
    "url",
    [
        "", "example.com", "//example.com/", "ftp://example.com/", "file:///etc/passwd",
        "gopher://example.com/", "https://", "https:///x",
        "https://user@example.com/", "https://user:secret@example.com/", "https://@example.com/",
        "https://example.com/#part",
        "https://example.com#", "https://example.com:0/", "https://example.com:65536/",
        "https://example.com:abc/", "https://[::1/",
        "https://exa mple.com/", "https://example.com/a b", "https://example.com/\r\nX: y",
        "https://example.com/\t", "\thttps://example.com/",
        "https://bücher.example/", "https://example.com/ü", "https://example.com\\@evil.example/",
        "https://exam\x00ple.com/",
        "https://example.com/" + "x" * 3_000, "https://example.com/<script>", "https://[v1.x]/",
    ],
)  # fmt: skip
def test_an_invalid_url_is_refused_with_a_path(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_endpoint(url)
    assert refused.value.path == ("url",)
    assert refused.value.hint


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254",
        "172.16.0.1", "172.31.255.255",
        "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
        "224.0.0.1", "239.255.255.255",
        "240.0.0.1", "255.255.255.255",
        "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::a00:1",
        "64:ff9b::a9fe:a9fe", "64:ff9b:1::5db8:d70e", "100::1", "2001::1", "2001:0:5db8:d70e::1",
        "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1",
        "2002:5db8:d70e::1", "3fff::1", "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0",
        "fec0::1", "ff02::1", "ff0e::1",
        "2606:4700::1111%eth0", "not an address", "",
    ],
)  # fmt: skip
def test_these_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", PUBLIC, "::ffff:1.1.1.1", "64:ff9b::101:101", "2606:4700:4700::1111", "2a00:1450:4001::1"]
)
def test_these_addresses_are_public(address: str) -> None:
    assert is_public(address)


def allowed(addresses: Sequence[str], *, private_allowed: bool = False) -> Sequence[str]:
    endpoint = parse_endpoint("https://example.com/")
    return allowed_addresses(endpoint, lambda *_: addresses, private_allowed=private_allowed, deadline=Deadline(5))


def test_every_address_of_a_name_must_be_public() -> None:
    assert allowed([PUBLIC, "2606:4700::1111"]) == [PUBLIC, "2606:4700::1111"]
    for bad in (["10.0.0.1"], [PUBLIC, "127.0.0.1"], [PUBLIC, "::1"], ["::ffff:169.254.169.254", PUBLIC]):
        with pytest.raises(AddressError, match="webhook_private_targets"):
            allowed(bad)
        assert allowed(bad, private_allowed=True) == bad


def test_a_name_without_an_address_is_refused() -> None:
    with pytest.raises(AddressError, match="cannot be resolved"):
        allowed([])

    def fails(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    with pytest.raises(AddressError, match="cannot be resolved"):
        allowed_addresses(
            parse_endpoint("https://nowhere.example/"), fails, private_allowed=False, deadline=Deadline(5)
        )


@pytest.mark.parametrize("number", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "localhost"])
def test_no_spelling_of_localhost_is_allowed(number: str) -> None:
    with pytest.raises(AddressError):
        allowed_addresses(
            parse_endpoint(f"http://{number}/"), system_resolve, private_allowed=False, deadline=Deadline(5)
        )


def test_a_resolver_that_does_not_answer_is_left_behind() -> None:
    began = time.monotonic()
    with pytest.raises(AddressError, match="in time"):
        allowed_addresses(
            parse_endpoint("https://example.com/"),
            lambda *_: time.sleep(3) or [PUBLIC],
            private_allowed=False,
            deadline=Deadline(0.2),
        )
    assert time.monotonic() - began < 1
