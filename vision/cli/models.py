"""marktrace models: the model packages there are, what one is, whether it is whole, and which one is in use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vision.errors import KitError, UsageError
from vision.manifest import SHIPPED, models_folder, shipped_folder, verify_manifest
from vision.text import visible

if TYPE_CHECKING:
    from vision.training.package import Package

models_app = typer.Typer(help="List, show and verify model packages, and choose the one in use.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="A package's folder, its name below --folder, or shipped.")]
Where = Annotated[Path, typer.Option("--folder", help="Where packages are kept.")]
HERE = Path("models")
# Goes before what a person chose.
CHOSEN = "MARKTRACE_MODELS"


def package_folder(name: str, folder: Path) -> Path:
    """The folder that a name means. Raises UsageError where there is none."""
    if name == SHIPPED:
        return shipped_folder()
    for path in (Path(name), folder / name):
        if (path / "manifest.json").is_file():
            return path
    raise UsageError(
        f"There is no model package {name!r} here or below {folder}: marktrace models list shows which are."
    )


@contextmanager
def as_in_use(models: Path) -> Iterator[None]:
    """While this lasts a model is the one in use: what is taken from that, the table of look-alikes, is its own."""
    from vision.catalogue.lookalikes import table

    before = os.environ.get(CHOSEN)
    os.environ[CHOSEN] = str(models.resolve())
    table.cache_clear()
    try:
        yield
    finally:
        table.cache_clear()
        if before is None:
            del os.environ[CHOSEN]
        else:
            os.environ[CHOSEN] = before


@models_app.command("list")
def list_models(folder: Where = HERE) -> None:
    """List the model that comes with marktrace and the packages in a folder as the other commands call them; "*" is the
    one in use."""
    from vision.training.package import verify_package
    from vision.training.package.choose import packages

    used, ours = _used(), shipped_folder().resolve()
    typer.echo(f"{'*' if used == ours else ' '} {SHIPPED}   comes with marktrace")
    others = packages(folder)
    if used and used not in [ours, *(path.resolve() for path in others)]:
        others.append(used)
    for path in others:
        sign = "*" if used == path.resolve() else " "
        called = visible(path.name if path.parent == folder else str(path))
        try:
            typer.echo(f"{sign} {called}   {_said(verify_package(path))}")
        except KitError as fault:
            typer.echo(f"{sign} {called}   not whole: {visible(str(fault), 200)}")


def _said(one: Package) -> str:
    """What a package is, in a line; its own name where its folder has another."""
    named = f", named {one.name}" if one.name != one.folder.name else ""
    return f"{one.set_name} {one.set_version}, {one.verdict}, {one.licence}, kit {one.kit[:12]}{named}"


def _used() -> Path | None:
    """The folder of the model in use; None, said on standard error, where it is gone."""
    try:
        return models_folder().resolve()
    except KitError as fault:
        typer.echo(str(fault), err=True)
        return None


@models_app.command()
def show(name: Name, folder: Where = HERE) -> None:
    """Show a package's card: what it was trained on, how, its figures and its known failures."""
    from vision.training.package import verify_package

    if name == SHIPPED:
        cards = sorted((shipped_folder() / "weights").glob("*.md"))
        typer.echo("\n".join(path.read_text("utf-8") for path in cards))
        return
    card = verify_package(package_folder(name, folder)).card
    typer.echo("\n".join(visible(line) for line in card.splitlines()))


@models_app.command()
def verify(name: Name, folder: Where = HERE) -> None:
    """Hold every file of a package against its manifest; exit code 4, with the file named, where one is not right."""
    from vision.pipeline import Pipeline
    from vision.training.package import verify_package

    path = package_folder(name, folder)
    kit = verify_manifest(path) if name == SHIPPED else verify_package(path).kit
    with as_in_use(path):
        Pipeline.load(models=path)
    typer.echo(f"{name}: every file is as the manifest says, and the networks load (kit {kit[:12]})")


@models_app.command()
def use(
    name: Name,
    folder: Where = HERE,
    without_photos: Annotated[
        bool, typer.Option("--without-photos", help="Where no labelled photos are, let the renders of training do.")
    ] = False,
) -> None:
    """Use a package from now on (shipped: the one that comes with marktrace).

    A package that is worse on a guarded stratum is refused, exit code 4, and so is one that was never compared on
    photos with the model it would replace (marktrace evaluate PHOTOS --model NAME --against OTHER --record).
    """
    from vision.training.package.choose import use_package, use_shipped

    if os.environ.get(CHOSEN):
        typer.echo("MARKTRACE_MODELS is set and goes before this choice.", err=True)
    if name == SHIPPED:
        typer.echo(f"In use: {use_shipped()}")
        return
    package = use_package(package_folder(name, folder), without_photos=without_photos)
    typer.echo(f"In use: {package.name}, kit {package.kit[:12]}")
    if without_photos and package.compared is None:
        typer.echo("Only renders say that it is not worse: label some photos, and see marktrace evaluate.", err=True)
