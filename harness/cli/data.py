"""`harness data`."""

from typing import Annotated

import typer

from harness.cli import locate, options, printing

data_commands = typer.Typer(
    help="Download data sets, draw splits, and list them.", no_args_is_help=True
)


@data_commands.command()
def fetch(
    dataset: Annotated[str, typer.Argument(help="Name in `harness list datasets`.")],
    mirror: options.Mirror = None,
) -> None:
    """Download a data set's raw files to data/raw, each checked by its SHA-256 digest.

    Examples
    --------
        harness data fetch fashion_mnist

        harness data fetch indian_pines --mirror ~/data
    """
    from harness.cli.progress import DownloadBar
    from harness.data.fetch import fetch_files

    with DownloadBar() as progress:
        found = fetch_files(dataset, locate.current_project().raw, mirror, progress.show)
    for name, meaning in found.items():
        typer.echo(f"{name}: {meaning}")


@data_commands.command()
def prepare(split: Annotated[str, typer.Argument(help="Name of a split in params.yaml.")]) -> None:
    """Draw the train, validation and test parts of a split and write them to data/prepared.

    Example:

        harness data prepare indian_pines-spectrum-10
    """
    from harness.data.prepare import prepare_split
    from harness.data.splits import find_split

    project = locate.current_project()
    spec = find_split(project.splits, split)
    manifest = prepare_split(split, spec, project.raw, project.prepared)
    sizes = ", ".join(f"{sum(n)} {part}" for part, n in manifest.counts.items())
    typer.echo(f"{split}: {manifest.provenance}; {sizes}; digest {manifest.digest}")


@data_commands.command()
def splits(as_json: options.AsJson = False) -> None:
    """List the splits of params.yaml, and which are prepared.

    Example:

        harness data splits
    """
    from harness.data.splits import read_splits

    project = locate.current_project()
    rows: list[dict[str, object]] = []
    for name, spec in read_splits(project.splits).items():
        plain = spec.model_dump(mode="json")
        if not as_json:
            plain["parameters"] = ", ".join(f"{k}={v}" for k, v in spec.parameters.items())
        rows.append({"split": name, **plain, "prepared": (project.prepared / name).is_dir()})
    printing.print_rows("Splits", rows, as_json)
