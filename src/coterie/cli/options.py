"""The options that commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from coterie.cli.terminal import OutputOptions
from coterie.server import DEFAULT

DATA = Path("./coterie-data")


def output_options(context: typer.Context) -> OutputOptions:
    """The output options of this run."""
    return context.find_root().ensure_object(OutputOptions)


def _json(context: typer.Context, chosen: bool) -> bool:
    output_options(context).json |= chosen
    return chosen


def _quiet(context: typer.Context, chosen: bool) -> bool:
    output_options(context).quiet |= chosen
    return chosen


Data: TypeAlias = Annotated[
    Path, typer.Option("--data", metavar="DIR", envvar="COTERIE_DATA", help="The data directory.", show_default=True)
]
WorkspaceName: TypeAlias = Annotated[str, typer.Option("--workspace", metavar="NAME", help="The workspace.")]
Json: TypeAlias = Annotated[
    bool, typer.Option("--json", callback=_json, is_eager=True, help="Answer in JSON, for scripts.")
]
Quiet: TypeAlias = Annotated[
    bool, typer.Option("--quiet", "-q", callback=_quiet, is_eager=True, help="No progress, no remarks.")
]
WORKSPACE = DEFAULT

SegmentNamed: TypeAlias = Annotated[str, typer.Argument(metavar="SEGMENT", help="A segment's id or exact name.")]
ProfileNamed: TypeAlias = Annotated[str, typer.Argument(metavar="PROFILE", help="An external id, an email or an id.")]
