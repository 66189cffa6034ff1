"""Keep the environment of whoever runs the tests out of them, and out of the programs they start.

A busy machine is part of that environment: Hypothesis must not take its slowness for a test's.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

SOAK = "COTERIE_SOAK"
"""The one variable that asks the tests themselves for something."""

TERMINAL = {"COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"}


def pytest_configure() -> None:
    """Drop settings, proxies and wishes about terminals, before any test module is imported."""
    for name in list(os.environ):
        is_setting = name.startswith("COTERIE_") and name != SOAK
        if is_setting or name.lower().endswith("_proxy") or name in TERMINAL:
            del os.environ[name]
    settings.register_profile("coterie", suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("coterie")
