"""Studies made of the outputs of networks that were trained elsewhere."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from harness.api.located import opened_project
from harness.api.steps import Step, silent
from harness.api.study import Study
from harness.core.project import Project

if TYPE_CHECKING:
    from harness.study.imported.write import Imported


def imported(
    project: Project,
    name: str,
    outputs: Path,
    said: Mapping[str, object],
    replace: bool = False,
    watch: Step = silent,
) -> "Imported":
    """Make a study, or take more networks into one, and say what was done.

    Parameters
    ----------
    said
        What is known beside the outputs, as `import.yaml` may hold it; None says nothing.
    outputs, replace, watch
        As `import_study` takes them.
    """
    from harness.study.imported.description import description_of
    from harness.study.imported.write import import_outputs

    known = {field: value for field, value in said.items() if value is not None}
    description = description_of(known, "import")
    return import_outputs(project.results, name, outputs, description, replace, watch)


def import_study(
    name: str,
    outputs: str | Path,
    project: str | Path = ".",
    *,
    baseline: str | None = None,
    fresh: Literal["all"] | Sequence[int] | None = None,
    classes: Sequence[str] | None = None,
    description: str | None = None,
    data: str | None = None,
    train_counts: Sequence[int] | None = None,
    replace: bool = False,
    plugins: Sequence[str | Path] = (),
    watch: Step = silent,
) -> Study:
    """Make a study of the outputs of networks that were trained elsewhere.

    `outputs` holds REGIME/CONFIGURATION/SEED.npz, a file per network: how it was trained (any
    name), under which settings (any name), with which seed. Its arrays are validation_logits and
    test_logits [E, N, K], validation_labels and test_labels [N], costs [E] (MACs of leaving at each
    exit), and optionally calibration_logits, calibration_labels, parameters [E] and full_cost. What
    the parameters below say may stand in `import.yaml` beside them.

    Imported again with more files, the study grows; files that did not change change nothing.

    Parameters
    ----------
    name
        Of the study, which lies in results/NAME.
    project
        The folder that holds `results/`.
    baseline
        Regime that the others are compared with; by default joint, or the first.
    fresh
        Seeds on which nothing was chosen (no configuration, no epoch), or `all`: what is said of
        regimes, and recommended, rests on these.
    classes
        Names [K].
    data
        Name of the data set.
    train_counts
        [K]: samples of each class in the training part.
    replace
        Whether other outputs take the place of those stored of the same network.
    plugins
        Further folders of plug-ins, beside the project's `plugins/`.
    watch
        Called with each file that is read.

    Raises
    ------
    InputError
        A file, a name or a parameter is not as it should be (the message names it), networks were
        evaluated on other samples, or outputs changed and are not to be replaced.

    Examples
    --------
    ::

        for seed, network in enumerate(trained):
            numpy.savez(
                f"outputs/joint/default/{seed}.npz",
                validation_logits=..., validation_labels=...,
                test_logits=..., test_labels=..., costs=[1.2e6, 3.4e6, 8.9e6],
            )
        study = harness.import_study("mine", "outputs", fresh="all")
        study.evaluate()
        study.recommend(cost=0.5)
    """
    where = opened_project(project, plugins)
    said = {
        "baseline": baseline,
        "fresh": fresh if fresh is None or isinstance(fresh, str) else tuple(fresh),
        "classes": None if classes is None else tuple(classes),
        "description": description,
        "data": data,
        "train_counts": None if train_counts is None else tuple(train_counts),
    }
    found = imported(where, name, Path(outputs), said, replace, watch)
    return Study(found.folder, where)
