"""Settings, and those that have been renamed."""

from __future__ import annotations

import warnings

import pytest

from coterie.settings import read_settings


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COTERIE_ROOT_DIALECT", "COTERIE_ROOT_FACE"):
        monkeypatch.delenv(name, raising=False)


def test_the_old_name_of_a_variable_is_accepted_with_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COTERIE_ROOT_FACE", "sendkit")
    with pytest.warns(FutureWarning, match="COTERIE_ROOT_FACE is now COTERIE_ROOT_DIALECT"):
        assert read_settings().root_dialect == "sendkit"


def test_the_old_name_of_an_argument_is_accepted_with_a_warning() -> None:
    with pytest.warns(FutureWarning, match="COTERIE_ROOT_FACE is now COTERIE_ROOT_DIALECT"):
        assert read_settings(root_face="tracking").root_dialect == "tracking"


def test_where_both_names_are_given_the_new_one_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COTERIE_ROOT_FACE", "sendkit")
    monkeypatch.setenv("COTERIE_ROOT_DIALECT", "tracking")
    with pytest.warns(FutureWarning):
        assert read_settings().root_dialect == "tracking"


def test_the_new_name_warns_of_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COTERIE_ROOT_DIALECT", "sendkit")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_settings().root_dialect == "sendkit"
