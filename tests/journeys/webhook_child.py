"""Writes, and delivers, until it is killed. Run by `test_webhooks.py`.

python -m tests.journeys.webhook_child DIRECTORY NOTES ROUND
"""

from __future__ import annotations

import os
import sys
from itertools import count

import coterie
from coterie import ProfileInput
from coterie.settings import Settings


def main(directory: str, notes: str, number: str) -> None:
    note = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    workspace = coterie.open(directory, settings=Settings(webhook_private_targets=True))
    os.write(note, b"ready\n")
    for n in count():
        shared = ProfileInput(external_id="shared", properties={"n": n % 2})
        others = [ProfileInput(external_id=f"{number}-{n}-{place}", properties={"n": 1}) for place in range(3)]
        workspace.profiles.put_many([shared, *others])
        os.write(note, f"{n}\n".encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
