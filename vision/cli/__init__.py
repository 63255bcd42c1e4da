"""The command `marktrace`: one file a verb. Importing this is quick; each verb loads what it needs when it runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

from vision import __version__
from vision.cli import (
    accounts,
    calibrate,
    catalogue,
    doctor,
    evaluate,
    export,
    identify,
    log,
    models,
    report,
    review,
    search,
    tag,
    train,
)
from vision.errors import MarktraceError, OutputError, UsageError
from vision.text import visible

INTERRUPTED = 130

app = typer.Typer(
    name="marktrace",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    epilog="Data goes to standard output, messages to standard error. Exit codes: 0 done, 1 wrong arguments, "
    "2 nothing readable, 3 something needed is missing, 4 model or marking set invalid, 5 cannot write, "
    "6 done but some photos failed, 7 integrity check failed, 130 interrupted.",
)
app.command("identify")(identify.identify)
app.command("doctor")(doctor.doctor)
app.command("export")(export.export)
app.command("report")(report.report)
app.command("review")(review.review)
app.command("search")(search.search)
app.command("tag")(tag.tag)
app.add_typer(log.log_app, name="log")
app.add_typer(accounts.accounts_app, name="accounts")
app.add_typer(catalogue.catalogue_app, name="catalogue")
app.command("train")(train.train)
app.command("calibrate")(calibrate.calibrate)
app.command("evaluate")(evaluate.evaluate)
app.add_typer(models.models_app, name="models")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"marktrace {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    _asked: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    """Read the marks on arms and ammunition in photos and propose where they were made.

    Every origin is a candidate until a person has confirmed it.
    """


def main() -> NoReturn:
    """The entry point of the command."""
    sys.exit(run(None))


def run(arguments: Sequence[str] | None) -> int:
    """Run the command and return its exit status: the one place where errors become numbers."""
    try:
        status = app(arguments, prog_name="marktrace", standalone_mode=False)
        sys.stdout.flush()
    except typer.TyperException as fault:
        return _say(f"{fault.format_message()}\nTry: marktrace --help", UsageError.exit_code)
    except MarktraceError as fault:
        return _say(str(fault), fault.exit_code)
    except (BrokenPipeError, SystemExit):
        # Whoever read our output has stopped (typer makes a SystemExit of it, and of nothing else, in this mode):
        # there is nothing to say, and nobody to say it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OutputError.exit_code
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    if status == INTERRUPTED:  # typer turns Ctrl-C inside a command into this status itself
        return _say("Interrupted.", INTERRUPTED)
    return status if isinstance(status, int) else 0


def _say(message: str, status: int) -> int:
    for line in message.splitlines():
        typer.echo(visible(line), err=True)
    return status
