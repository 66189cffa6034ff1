"""Explains in a sentence why `make` cannot use this Python.

Runs on any Python 3, so it is written plainly.
"""

import sys

HOW = "Install Python 3.11 or newer, or name one: make test PYTHON=/path/to/python3.12"

if sys.version_info < (3, 11):
    sys.exit("Coterie needs Python 3.11 or newer; {} is {}.{}.\n{}".format(sys.executable, *sys.version_info[:2], HOW))
try:
    import ensurepip
    import venv
except ImportError as error:
    sys.exit(
        "{} has no {}, which makes .venv.\nOn Debian and Ubuntu: apt install python3-venv\n{}".format(
            sys.executable, error.name, HOW
        )
    )
