"""`harness data`."""

from typing import Annotated

import typer

from harness.cli import locate, options, printing
from harness.cli.in_project import in_project

data_commands = typer.Typer(
    help="Fetch data sets, draw splits, and list them.", no_args_is_help=True
)


@data_commands.command()
@in_project
def fetch(
    dataset: Annotated[str, typer.Argument(help="Name in `harness list datasets`.")],
    mirror: options.Mirror = None,
) -> None:
    """Fetch a data set's raw files to data/raw, each checked by the SHA-256 digest of its content.

    A file that is not there yet comes from an installed package that holds it (Indian Pines is in
    tensorly: no download), else from the folder of --mirror, else by download from its publisher.
    The output says which.

    Examples
    --------
        harness data fetch indian_pines

        harness data fetch fashion_mnist --mirror ~/data
    """
    from harness.cli.progress import DownloadBar
    from harness.data.fetch import fetch_files

    with DownloadBar() as progress:
        found = fetch_files(dataset, locate.current_project().raw, mirror, progress.show)
    for name, meaning in found.items():
        typer.echo(f"{name}: {meaning}")


@data_commands.command()
@in_project
def prepare(split: Annotated[str, typer.Argument(help="Name of a split in params.yaml.")]) -> None:
    """Draw the parts of a split (train, validation, test...) and write them to data/prepared.

    Example:

        harness data prepare indian_pines-spectrum-10
    """
    from harness.data.named_splits import find_split
    from harness.data.notes import split_notes
    from harness.data.prepare import prepare_split

    project = locate.current_project()
    spec = find_split(project.splits, split)
    manifest = prepare_split(split, spec, project.raw, project.prepared)
    sizes = ", ".join(f"{sum(n)} {part}" for part, n in manifest.counts.items())
    typer.echo(f"{split}: {manifest.provenance}; {sizes}; digest {manifest.digest}")
    printing.print_notes(split_notes(manifest))


@data_commands.command()
@in_project
def splits(as_json: options.AsJson = False) -> None:
    """List the splits of params.yaml: samples of each part, and what a margin costs.

    A split that is not prepared shows the shares (or samples per class) that it asks for. `unused`
    samples are in no part: lost to a spatial split's margin, or left out by the shares. `lacks`
    names classes without a sample in a part; `shared pixels` is the share of test patches that
    share pixels with a training patch. --json has the samples of each class.

    Examples
    --------
        harness data splits

        harness data splits --json | jq '.[] | {split, unused, lacks}'
    """
    from harness.data.named_splits import read_splits
    from harness.data.notes import split_row

    project = locate.current_project()
    rows = [
        split_row(project.prepared, name, spec, by_class=as_json)
        for name, spec in read_splits(project.splits).items()
    ]
    printing.print_rows("Splits", rows, as_json)
