"""One trial as it is logged to MLflow: its run's name, description, tags, parameters, metrics."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd
from mlflow.entities import Metric

from harness.core.trial_spec import TrialSpec
from harness.tracking.charts import IN_TABLE, by_cost, by_exit, curves, scalars
from harness.tracking.experiments import NOTE


@dataclass(frozen=True)
class TrialLog:
    """One trial as it is logged to MLflow.

    Attributes
    ----------
    metrics
        Figures of merit; empty for a failed trial.
    curve
        One row per epoch, of a failed trial as far as it came.
    frontier
        The trial's validation frontier; None for a failed trial.
    seconds
        How long it trained: the run's duration.
    reason
        Why the trial failed.
    versions
        Library name to version, where it was trained.
    proposed
        The parameters that were searched: they tell its configuration from others of its regime.
    score
        What the metrics `accuracy` and `best_accuracy` are, in words.
    """

    spec: TrialSpec
    configuration: int
    metrics: Mapping[str, float]
    curve: pd.DataFrame
    frontier: pd.DataFrame | None
    seconds: float = 0.0
    reason: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    proposed: Mapping[str, object] = field(default_factory=dict)
    score: str = "accuracy"

    @property
    def run_name(self) -> str:
        """Regime, configuration, seed and, for a static network, its exit."""
        return f"{self.spec.regime.name} #{self.configuration} seed {self._seed}"

    @property
    def note(self) -> str:
        """One line for its description: what was trained, and how well it does on validation."""
        values = (f"{key.rpartition('.')[2]} {_short(v)}" for key, v in self.proposed.items())
        listed = ", ".join(values)
        trained = f"{self.spec.regime.name}{f' ({listed})' if listed else ''}, seed {self._seed}"
        if self.reason:
            return f"{trained}: failed, {self.reason}"
        found = self.metrics
        return (
            f"{trained}: validation {self.score} {found['best_accuracy']:.3f} at best, "
            f"{found['accuracy']:.3f} at {100 * found['relative_cost']:.0f} % of the full cost "
            "(its knee)"
        )

    @property
    def parameters(self) -> dict[str, object]:
        """Everything that was varied or could have been."""
        spec = self.spec
        return {
            "seed": spec.seed,
            **{f"backbone.{k}": v for k, v in spec.backbone.parameters.items()},
            **{f"training.{k}": v for k, v in spec.training.items()},
            **{f"regime.{k}": v for k, v in spec.regime.parameters.items()},
        }

    @property
    def tags(self) -> dict[str, str]:
        """What runs are found, filtered and grouped by."""
        spec = self.spec
        return {
            "key": spec.key,
            "configuration": str(self.configuration),
            "regime": spec.regime.name,
            "backbone": spec.backbone.name,
            "split": spec.split,
            "seed": str(spec.seed),
            NOTE: self.note,
            **{f"version.{library}": version for library, version in self.versions.items()},
            **({"reason": self.reason} if self.reason else {}),
        }

    @property
    def _seed(self) -> str:
        """The seed and, of a static network, its exit."""
        static = f" static exit {self.spec.static_exit}" if self.spec.static_exit else ""
        return f"{self.spec.seed}{static}"

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """What is kept whole as CSV artifacts, of which the UI shows the most asked for."""
        figures = pd.DataFrame({"figure": [*self.metrics], "value": [*self.metrics.values()]})
        found = {"curve": self.curve, "figures": figures, "frontier": self.frontier}
        return {name: table for name, table in found.items() if table is not None and len(table)}

    def drawn(self) -> list[Metric]:
        """All metrics, some 100: single values, and lines over epochs, exits and cost."""
        single = {k: v for k, v in self.metrics.items() if not IN_TABLE.match(k)}
        found = [*scalars(single), *by_exit(self.metrics), *curves(self.curve)]
        return found if self.frontier is None else [*found, *by_cost(self.frontier)]


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
