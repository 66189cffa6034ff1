"""A made-up company's customers, to try things on: ten thousand people, what they did and said, and segments of them worth reading.

    names       what people are called, country by country
    people      who they are: plans, money, habits, holes in what is known, all hanging together
    behaviour   what they did and said: events, and talks with an assistant
    segments    a dozen and more rules over them
    seed        puts all of it into a workspace, once

Everything is drawn from one seed, and every time is relative to now, so that rules about time have somebody in them. Addresses end in the
domains that are kept for examples: no message can reach anybody.
"""

from __future__ import annotations

from coterie.demo.seed import seed

__all__ = ["seed"]
