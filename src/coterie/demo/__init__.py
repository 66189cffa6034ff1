"""The customers of an invented company, to try things on.

    names       first and last names, country by country
    people      profiles: plans, revenue, habits, missing values, all consistent
    behaviour   events, and conversations with an assistant
    segments    some twenty rules over them
    seed        put all of it into a workspace, once

Everything is drawn from one seed, and every time is relative to now, so that rules about time match
somebody. Email addresses use the domains reserved for examples, so that no message reaches anybody.
"""

from __future__ import annotations

from coterie.demo.seed import seed

__all__ = ["seed"]
