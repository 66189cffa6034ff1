"""A process in which an unmodified official tracking client makes the calls it is given.

Run with PYTHONPATH at the client's folder, because two versions of one client cannot share a
process. It reads JSON instructions from its input, and writes the client's errors as JSON.
"""

from __future__ import annotations

import importlib
import json
import sys
from datetime import datetime
from typing import Any


def main() -> None:
    instructions = json.load(sys.stdin)
    errors: list[dict[str, Any]] = []

    def on_error(error: Exception, batch: list[Any]) -> None:
        errors.append({"kind": type(error).__name__, "status": getattr(error, "status", None), "count": len(batch)})

    package = importlib.import_module(instructions["package"])
    client = package.Client(
        instructions["key"], host=instructions["host"], on_error=on_error, **instructions["options"]
    )
    for method, arguments in instructions["calls"]:
        if "timestamp" in arguments:
            arguments["timestamp"] = datetime.fromisoformat(arguments["timestamp"])
        accepted, _ = getattr(client, method)(**arguments)
        assert accepted, "the client's own queue is full"
    client.shutdown()
    print(json.dumps({"version": package.__version__, "errors": errors}))


if __name__ == "__main__":
    main()
