"""`coterie keys`."""

from __future__ import annotations

from pathlib import Path

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


def test_a_key_is_made_and_only_its_secret_goes_to_standard_output(shell: Shell) -> None:
    output = shell("keys", "create", "--name", "website", "--scope", "write")
    secret = output.out.removesuffix("\n")
    assert "\n" not in secret
    assert authenticated(shell, secret) is Scope.WRITE
    assert "not shown again" in output.err
    assert secret not in output.err


def test_keys_are_listed_without_their_secrets(shell: Shell) -> None:
    made = shell("keys", "create", "--name", "website", "--json").json()
    listed = shell("keys", "list")
    assert "website" in listed.out
    assert made["secret"] not in listed.out
    assert shell("keys", "list", "--json").json() == [{name: value for name, value in made.items() if name != "secret"}]


def test_a_revoked_key_is_refused(shell: Shell) -> None:
    made = shell("keys", "create", "--json").json()
    assert authenticated(shell, made["secret"]) is Scope.ADMIN
    shell("keys", "revoke", made["prefix"])
    assert authenticated(shell, made["secret"]) is None
    assert shell("keys", "list", "--json").json()[0]["revoked_at"] is not None
    assert "There is no key ck_nobody" in shell("keys", "revoke", "ck_nobody", code=1).err


def test_a_key_is_revoked_by_its_whole_secret_or_more_of_it_than_is_shown(shell: Shell) -> None:
    for length in (len("ck_") + 43, 12, 30):
        made = shell("keys", "create", "--json").json()
        shell("keys", "revoke", made["secret"][:length])
        assert authenticated(shell, made["secret"]) is None


def test_what_names_no_key_or_several_revokes_none_and_says_so(shell: Shell) -> None:
    first, second = (f"ck_AAAAAA{letter * 37}" for letter in "BC")
    control = Control.open(shell.data, SystemClock().now())
    for secret in (first, second):
        control._insert("default", secret[-1], Scope.READ, secret, SystemClock().now())
    control.put_bootstrap_key("ck_short-one", SystemClock().now())
    control.close()
    assert "2 keys begin with ck_AAAAAAB" in shell("keys", "revoke", "ck_AAAAAAB", code=1).err
    for named in ("ck_AAAAA", "ck_nobody", f"{first[:-1]}x"):
        output = shell("keys", "revoke", named, code=1).err
        assert "There is no key" in output
        assert "the whole secret" in output
        assert "BBBB" not in output, "a secret is not repeated"
    assert authenticated(shell, "ck_short-one") is Scope.ADMIN, "what is shown of it begins every other key too"
    assert [authenticated(shell, secret) for secret in (first, second)] == [Scope.READ, Scope.READ]
    shell("keys", "revoke", first)
    assert [authenticated(shell, secret) for secret in (first, second)] == [None, Scope.READ]


def test_keys_are_made_while_another_process_has_the_directory(shell: Shell) -> None:
    with coterie.open(shell.data):
        shell("keys", "create")
        shell("keys", "list")


def test_a_key_for_a_workspace_that_is_not_there_is_not_made(shell: Shell) -> None:
    assert "There is no workspace nobody" in shell("keys", "create", "--workspace", "nobody", code=1).err
    assert shell("keys", "list", "--json").json() == []
    assert "There is no key yet" in shell("keys", "list").err


def test_a_mistyped_directory_is_an_error_and_is_not_made(empty: Shell) -> None:
    output = empty("keys", "create", "--data", f"{empty.data}-typo", code=1)
    assert f"There is no Coterie data directory at {empty.data}-typo." in output.err
    assert not Path(f"{empty.data}-typo").exists()
