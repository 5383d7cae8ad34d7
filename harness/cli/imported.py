"""`harness import`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import locate, options, printing
from harness.core.errors import InputError

if TYPE_CHECKING:
    from harness.study.imported.write import Imported

_Outputs = Annotated[
    Path,
    typer.Option(
        "--outputs",
        help="Folder that holds REGIME/CONFIGURATION/SEED.npz, a file per network.",
        metavar="DIR",
    ),
]
_Fresh = Annotated[
    str | None,
    typer.Option(
        help="Seeds on which nothing was chosen, separated by commas, or `all`: comparisons are "
        "tested on them, and recommendations rest on them.",
        metavar="all|SEED,...",
    ),
]


def import_outputs(
    name: Annotated[str, typer.Argument(help="Name of the study to be made.", metavar="NAME")],
    outputs: _Outputs,
    baseline: Annotated[
        str | None,
        typer.Option(help="Regime that the others are compared with.", metavar="REGIME"),
    ] = None,
    fresh: _Fresh = None,
    classes: Annotated[
        str | None,
        typer.Option(help="Names of the classes, separated by commas.", metavar="NAME,..."),
    ] = None,
    description: Annotated[str | None, typer.Option(help="A sentence on the study.")] = None,
    data: Annotated[str | None, typer.Option(help="Name of the data set.", metavar="NAME")] = None,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Take other outputs in place of those of the same network."),
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Make a study of the outputs of networks that were trained elsewhere, by any framework.

    DIR holds REGIME/CONFIGURATION/SEED.npz, a file per network: how it was trained (any name),
    under which settings (any name), with which seed. Its arrays:

    - `validation_logits`, `test_logits` [exits, samples, classes], real numbers; of a classifier
      that gives probabilities their logarithms
    - `validation_labels`, `test_labels` [samples], whole numbers from 0
    - `costs` [exits]: MACs of leaving at each exit, rising
    - optional: `calibration_logits`, `calibration_labels`; `parameters` [exits]; `full_cost`, MACs
      of the network without its early exits (by default those of the last exit)

    All networks have the same samples in the same order. `import.yaml` in DIR may hold baseline,
    fresh, classes, description, data and train_counts (samples of each class in the training part).

    frontier, compare, recommend, coverage, report and status then work as for any study; what needs
    the networks themselves (export, speed, latency, launch, confirm) is refused. Imported again,
    new files are added, files that did not change change nothing, and other outputs of the same
    network are refused unless --replace is given.

    Examples
    --------
        harness import mine --outputs outputs --baseline joint

        harness import mine --outputs outputs --fresh all

        harness import mine --outputs outputs --replace --json
    """
    from harness.api.importing import imported
    from harness.cli.progress import steps
    from harness.core.choice_text import split_choices
    from harness.study.imported.layout import found_places

    said = {
        "baseline": baseline,
        "fresh": _seeds(fresh),
        "classes": None if classes is None else split_choices(classes, "--classes"),
        "description": description,
        "data": data,
    }
    with steps(f"import {name}", len(found_places(outputs))) as step:
        found = imported(locate.current_project(), name, outputs, said, replace, step)
    _say(found, as_json)


def _seeds(fresh: str | None) -> "str | tuple[int, ...] | None":
    if fresh is None or fresh == "all":
        return fresh
    seeds = [seed.strip() for seed in fresh.split(",")]
    if not all(seed.isascii() and seed.isdecimal() for seed in seeds):
        raise InputError(f"--fresh {fresh}: write `all`, or whole numbers as SEED,SEED")
    return tuple(map(int, seeds))


def _say(found: "Imported", as_json: bool) -> None:
    counts = {
        "study": found.record.name,
        "networks": found.networks,
        "added": found.added,
        "replaced": found.replaced,
        "unchanged": found.unchanged,
    }
    if as_json:
        return printing.print_json({**counts, "folder": str(found.folder)})
    typer.echo(
        f"{found.record.name}: {found.networks} networks; {found.added} added, {found.replaced} "
        f"replaced, {found.unchanged} as they were. Results in {found.folder}"
    )
    typer.echo(f"next: harness frontier {found.record.name}; harness compare {found.record.name}")
    return None
