"""Operating points of one trial on validation, as rows of a table."""

import pandas as pd

from harness.analysis.evaluation import Evaluation
from harness.analysis.scores import score_columns
from harness.core.types import Floats
from harness.frontier.evaluate import routing_shares
from harness.frontier.trial_frontier import trial_frontier
from harness.results.study_record import Configuration, StudyRecord
from harness.results.trials import TrialResult

_THRESHOLD, _SHARE = "threshold_", "share_exit_"


def trial_points(
    result: TrialResult, configuration: Configuration, record: StudyRecord, evaluation: Evaluation
) -> pd.DataFrame | None:
    """The operating points of a trial on validation: one row each.

    Columns are those of `harness.analysis.frontiers.validation_points`, of the exits that the
    network has.

    Returns
    -------
    None where the network lacks the gate heads that the policy needs.
    """
    if evaluation.policy.needs_gates and result.validation.gates is None:
        return None
    axis = evaluation.axis
    costs = axis.per_exit(result)
    predictions = evaluation.predict(result, result.validation)
    selection, guaranteed = evaluation.selection, evaluation.selection.guarantees
    chosen_on = evaluation.predict(result, result.fitting) if guaranteed else predictions
    found = trial_frontier(predictions, costs, selection, configuration.thresholds, chosen_on)
    shares = shares_by_exit(result, predictions.confidence, found.thresholds)
    thresholds = {f"{_THRESHOLD}{e + 1}": column for e, column in enumerate(found.thresholds.T)}
    return pd.DataFrame(
        {
            "regime": configuration.regime,
            "key": result.spec.key,
            "configuration": configuration.number,
            "seed": result.spec.seed,
            "static_exit": result.spec.static_exit,
            **thresholds,
            **score_columns(record, "validation_{}", found.score),
            f"validation_{axis.name}": found.cost,
            "validation_cost": found.cost / axis.reference,
            **{f"validation_{name}": share for name, share in shares.items()},
        }
    )


def shares_by_exit(result: TrialResult, confidence: Floats, vectors: Floats) -> dict[str, Floats]:
    """Share of the samples that leaves at each exit, by column; static networks have only one."""
    first = max(result.spec.static_exit, 1)
    shares = routing_shares(confidence, vectors)
    return {f"{_SHARE}{first + index}": column for index, column in enumerate(shares.T)}


def with_all_exits(table: pd.DataFrame) -> pd.DataFrame:
    """The same table of points whichever network comes first: columns in the order of the exits.

    Nothing leaves at exits that a network does not have.
    """
    names = [str(name) for name in table]
    shares = sorted(name for name in names if _SHARE in name)
    thresholds = sorted(name for name in names if name.startswith(_THRESHOLD))
    first = [n for n in names if n not in shares and n not in thresholds]
    place = 1 + first.index("static_exit") if "static_exit" in first else 0
    ordered = table[[*first[:place], *thresholds, *first[place:]]]
    return ordered.assign(**{name: table[name].fillna(0.0) for name in shares})
