"""`coterie keys`."""

from __future__ import annotations

import coterie
from coterie.clock import SystemClock
from coterie.model import Scope
from coterie.store.control import Control
from tests.unit.cli.running import Shell


def authenticated(shell: Shell, secret: str) -> Scope | None:
    control = Control.open(shell.data, SystemClock().now())
    try:
        key = control.authenticate(secret, SystemClock().now())
        return None if key is None else key.scope
    finally:
        control.close()


def test_a_key_is_made_and_only_its_secret_goes_to_standard_output(empty: Shell) -> None:
    said = empty("keys", "create", "--name", "website", "--scope", "write")
    secret = said.out.removesuffix("\n")
    assert "\n" not in secret
    assert authenticated(empty, secret) is Scope.WRITE
    assert "not shown again" in said.err
    assert secret not in said.err


def test_keys_are_listed_without_their_secrets(empty: Shell) -> None:
    made = empty("keys", "create", "--name", "website", "--json").json()
    listed = empty("keys", "list")
    assert "website" in listed.out
    assert made["secret"] not in listed.out
    assert empty("keys", "list", "--json").json() == [{name: value for name, value in made.items() if name != "secret"}]


def test_a_revoked_key_is_refused(empty: Shell) -> None:
    made = empty("keys", "create", "--json").json()
    assert authenticated(empty, made["secret"]) is Scope.ADMIN
    empty("keys", "revoke", made["prefix"])
    assert authenticated(empty, made["secret"]) is None
    assert empty("keys", "list", "--json").json()[0]["revoked_at"] is not None
    assert "There is no key ck_nobody" in empty("keys", "revoke", "ck_nobody", code=1).err


def test_keys_are_made_while_another_process_has_the_directory(shell: Shell) -> None:
    with coterie.open(shell.data):
        shell("keys", "create")
        shell("keys", "list")


def test_a_key_for_a_workspace_that_is_not_there_is_not_made(shell: Shell) -> None:
    assert "There is no workspace nobody" in shell("keys", "create", "--workspace", "nobody", code=1).err
    assert shell("keys", "list", "--json").json() == []
    assert "There is no key yet" in shell("keys", "list").err
