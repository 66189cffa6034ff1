"""The commands put together, and errors turned into sentences and exit codes."""

from __future__ import annotations

import pkgutil
import sys
from importlib import import_module
from typing import Annotated, Any

import structlog
import typer
from typer.core import TyperGroup

import coterie
from coterie.cli import commands
from coterie.cli.exits import MEANINGS, Exit, exit_for
from coterie.cli.options import output_options
from coterie.cli.terminal import print_error, say
from coterie.errors import CoterieError

MODULES = sorted(
    (import_module(f"{commands.__name__}.{module.name}") for module in pkgutil.iter_modules(commands.__path__)),
    key=lambda module: module.PLACE,
)
NAMES = [module.__name__.rpartition(".")[2].rstrip("_") for module in MODULES]

HELP = f"""Audience segmentation on your own machine: people in, segments of them out, true at every moment.

New here? `coterie demo` makes ten thousand invented people and twenty-one segments, and starts a server over them.
With people of your own: `coterie import profiles people.csv`, then `coterie preview '<rule>'`.

**Exit codes**

{chr(10).join(f"- {int(code)}: {meaning}" for code, meaning in MEANINGS.items())}
"""


class Commands(TyperGroup):
    """The group of all commands.

    A CoterieError becomes a sentence and an exit code; `--debug` lets it through.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        """In the order of their places, which is the order in which a newcomer meets them."""
        return list(NAMES)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except CoterieError as error:
            if output_options(ctx).debug:
                raise
            print_error(error, output_options(ctx))
            raise typer.Exit(exit_for(error)) from error
        except (typer.Exit, typer.Abort, KeyboardInterrupt, BrokenPipeError):
            raise
        except Exception as error:
            if output_options(ctx).debug or hasattr(error, "exit_code"):  # typer's own errors of usage know their code
                raise
            say(f"Error: something went wrong that should not have: {type(error).__name__}: {error}", "red")
            say("  hint  Run it again as `coterie --debug ...` and send us what it shows.")
            raise typer.Exit(Exit.BUG) from error


app = typer.Typer(
    cls=Commands, help=HELP, no_args_is_help=True, rich_markup_mode="markdown", pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)  # fmt: skip


def _version(chosen: bool) -> None:
    if chosen:
        typer.echo(f"coterie {coterie.__version__}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    debug: Annotated[
        bool, typer.Option("--debug", envvar="COTERIE_DEBUG", help="Show the traceback of an error.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    output_options(context).debug = debug
    # The engine's log is not a command's answer. `serve` and `demo` set up full logging later.
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))


for _module in MODULES:
    _module.register(app)
