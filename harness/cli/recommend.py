"""`harness recommend`."""

from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import cost as costs
from harness.cli import locate, options, printing

if TYPE_CHECKING:
    from harness.results.recommendation import Deployment, Recommendation
    from harness.results.study_record import StudyRecord

Cost = Annotated[
    float | None,
    typer.Option(
        help="Budget: mean cost of a sample, relative to the study's largest full static network.",
        min=0.0,
        max=1.0,
    ),
]
Accuracy = Annotated[
    float | None, typer.Option(help="In place of a budget: accuracy (R^2) to be reached.", max=1.0)
]
Regime = Annotated[
    str | None, typer.Option(help="Choose among the configurations of this regime.", metavar="NAME")
]
Policy = Annotated[
    str | None,
    typer.Option(
        help="Exit policy in place of the study's own; with parameters: `NAME:{KEY: VALUE}`.",
        metavar="NAME",
    ),
]


def recommend(
    study: options.StudyName,
    cost: Cost = None,
    accuracy: Accuracy = None,
    policy: Policy = None,
    regime: Regime = None,
    axis: costs.Axis = "macs",
    device: costs.TimedOn = None,
    as_json: options.AsJson = False,
) -> None:
    """Say which regime, configuration and thresholds to deploy for a cost or an accuracy.

    Chosen on validation over the fresh seeds of `harness confirm`; what to expect is measured on
    test, with 95 % intervals over these seeds. The network to deploy is a typical one: that of the
    seed with the median validation score. The runner-up is the best configuration of any other
    regime, and p that of the exact signed-rank test for the difference to it.

    In a clone, without the outputs of the trials, what is kept is shown: the recommendations of the
    study's own policy for --cost 0.05, 0.1, .. 1 and for whole percents of --accuracy.

    Examples
    --------
        harness recommend indian_pines --cost 0.4

        harness recommend indian_pines --accuracy 0.8 --policy entropy

        harness recommend indian_pines --cost 0.5 --axis latency --json
    """
    folder = locate.study_folder(study)
    from harness.api.points import goal_of, recommended
    from harness.results.absent import outputs_are_here, outputs_wanted

    goal = goal_of(cost, accuracy)
    record, found = recommended(folder, goal, regime, policy, axis, device)
    if as_json:
        return printing.print_json(found.model_dump(mode="json"))
    for line in _lines(record, found, policy):
        typer.echo(line)
    if record.imported:  # there is no network to export
        return None
    if not outputs_are_here(folder):
        typer.echo(f"to export it: {outputs_wanted(folder)}")
        return None
    asked = f"--cost {cost:g}" if cost is not None else f"--accuracy {accuracy:g}"
    named = None if axis == "macs" else axis
    given = {"regime": regime, "policy": policy, "axis": named, "device": device}
    others = "".join(f" --{name} {value!r}" for name, value in given.items() if value)
    typer.echo(f"export it: harness export {record.name} {asked}{others}")
    return None


def _lines(record: "StudyRecord", found: "Recommendation", policy: str | None) -> list[str]:
    from harness.report.recommended import difference_in_words, mean_in_words

    best, other = found.chosen, found.runner_up
    lines = [
        f"{record.name}: to deploy {found.goal.words}",
        f"  regime {best.regime}, configuration {best.searched}: {_parameters(best)}",
        f"  exit policy {policy or record.spec.policy.name}, {_thresholds(best)}",
        f"  expected on test, over {best.seeds} fresh seeds: "
        f"{record.score} {mean_in_words(best.score)}, relative cost {mean_in_words(best.cost)}",
        f"  leaving at exits 1, 2, ..: {', '.join(f'{share:.1%}' for share in best.routing)}",
        f"  network {best.key} of seed {best.seed}: {record.score} "
        f"{best.measured[f'test_{record.score}']:.4f}, relative cost "
        f"{best.measured['test_cost']:.3f} on its own test part",
    ]
    if other is None:
        return [*lines, "  no other regime meets this"]
    return [
        *lines,
        f"  runner-up {other.regime}, configuration {other.searched}: {record.score} "
        f"{mean_in_words(other.score)}, relative cost {mean_in_words(other.cost)}",
        f"  {difference_in_words(found, record.score)}",
    ]


def _thresholds(best: "Deployment") -> str:
    if best.static_exit:
        return f"the static network that ends in exit {best.static_exit}, without thresholds"
    texts = ", ".join("none leaves" if t is None else f"{t:.4g}" for t in best.thresholds)
    return f"thresholds at exits 1, 2, ..: {texts}"


def _parameters(best: "Deployment") -> str:
    shown = (
        f"{name.removeprefix('regime.').removeprefix('training.')} {value:.4g}"
        if isinstance(value, float)
        else f"{name} {value}"
        for name, value in best.parameters.items()
    )
    return ", ".join(shown) or "nothing was searched"
