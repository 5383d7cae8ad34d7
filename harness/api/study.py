"""A study that was launched or imported, as an object."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.api.comparing import compared, evaluation_choice, metrics_within
from harness.api.located import opened_project, study_folder
from harness.api.points import goal_of, recommended
from harness.api.states import StudyState, state_of
from harness.api.steps import Bar, Step, no_bar, silent
from harness.core.budgets import CostName
from harness.core.errors import InputError
from harness.core.project import Project
from harness.results.study_record import RECORD, StudyRecord, read_study_record

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure
    from plotly import graph_objects

    from harness.core.types import ExitLogits
    from harness.report.sheets import Sheets
    from harness.results.recommendation import Recommendation

FRONTIERS = "frontiers"
"""Name of the figure that is interactive."""


@dataclass(frozen=True)
class Study:
    """A study: what it found, as tables, figures and decisions.

    Nothing is kept in memory: each property reads what lies in the folder now.

    Attributes
    ----------
    folder
        Its results.
    project
        Where its data are.

    Examples
    --------
    ::

        import harness

        study = harness.load_study("quickstart")
        study.evaluate()                        # as `harness frontier` does, once
        study.compare().numbers                 # a row per regime
        study.recommend(cost=0.5).chosen        # what to deploy within half of the cost
        study.figure("frontiers").show()
    """

    folder: Path
    project: Project

    @property
    def name(self) -> str:
        """The study's name."""
        return self.record.name

    @property
    def record(self) -> StudyRecord:
        """Its file, data, state and configurations as they are recorded."""
        return read_study_record(self.folder)

    @property
    def state(self) -> StudyState:
        """How far it is, and whether its tables are those of its trials."""
        return state_of(self.folder, self.record)

    @property
    def trials(self) -> "pd.DataFrame":
        """A row per trained network: `harness.api.tables.trials_frame` has the columns."""
        from harness.api.tables import trials_frame

        return trials_frame(self.folder)

    @property
    def curves(self) -> "pd.DataFrame":
        """A row per network and epoch: `harness.api.tables.curves_frame` has the columns."""
        from harness.api.tables import curves_frame

        return curves_frame(self.folder)

    @property
    def frontier(self) -> "pd.DataFrame":
        """The operating points of each regime's frontier, over all its searched seeds.

        Columns: regime, key, configuration, seed, static_exit, threshold_1.., and of the parts
        validation and test PART_accuracy (of a regression PART_r2 and PART_rmse), PART_macs,
        PART_cost (relative to the largest full static network), PART_share_exit_1.. (of the
        samples, which leave there); test_dominated. Points are chosen on validation.

        Raises
        ------
        InputError
            `evaluate` did not run, or something changed since.
        """
        from harness.results.tables import read_frontier

        return read_frontier(self.folder)

    @property
    def seeds(self) -> "pd.DataFrame":
        """The same of the frontier of each regime and seed: fresh seeds where there are any."""
        from harness.analysis.pairs import seed_tables

        return seed_tables(self.folder).frontiers

    def outputs(self, key: str, part: str = "validation") -> "ExitLogits":
        """Outputs of all exits of a trial: logits `values` [E, N, K] and `labels` [N].

        Parameters
        ----------
        key
            Of a trial of the search or of the confirmation, as `trials` lists them.
        part
            validation, calibration or test. Thresholds are chosen on validation: outputs on test
            are given once `evaluate` has chosen them all.

        Raises
        ------
        InputError
            There is no such trial or part, or test outputs are asked for before thresholds are
            chosen.
        """
        from harness.api.tables import outputs_of

        return outputs_of(self.folder, key, part)

    def evaluate(self, watch: Step = silent) -> "pd.DataFrame":
        """Choose thresholds on validation and evaluate them on test, as `harness frontier` does.

        Returns the indices of each regime on its searched seeds, a row each, as in `indices.csv`;
        those that are kept where the outputs of the trials are not here, as in a clone.

        Parameters
        ----------
        watch
            Called with each step that is done.
        """
        from harness.analysis.frontier_stage import current_indices, write_frontier
        from harness.results.absent import outputs_are_here

        if not outputs_are_here(self.folder):
            return current_indices(self.folder)[1]
        return write_frontier(self.folder, watch)[1]

    def compare(
        self,
        policies: str | Sequence[str] | None = None,
        selection: str | None = None,
        calibrated: bool = False,
        cost: CostName = "macs",
        device: str | None = None,
        pairs: bool = False,
    ) -> "Sheets":
        """The regimes compared, as `harness compare` does: `numbers` is a table for programs.

        Without parameters it is of the study's own frontiers over seeds; parameters are those of
        `harness.api.comparing.evaluation_choice`. With `pairs` every pair is compared.
        """
        choice = evaluation_choice(policies, selection, calibrated, cost, device, pairs)
        return compared([self.folder], choice, pairs)

    def metrics(self, within: float = 1.0) -> "Sheets":
        """All metrics of the regimes on test within a relative cost, as `harness compare --at`."""
        return metrics_within([self.folder], within)

    def recommend(
        self,
        cost: float | None = None,
        accuracy: float | None = None,
        policy: str | None = None,
        regime: str | None = None,
        axis: CostName = "macs",
        device: str | None = None,
    ) -> "Recommendation":
        """What to deploy for a cost or an accuracy, as `harness recommend` does.

        Parameters
        ----------
        cost
            Budget: mean cost of a sample relative to the study's largest full static network.
        accuracy
            In place of a budget: accuracy (R^2) to be reached.
        policy
            Exit policy as `NAME` or `NAME:{KEY: VALUE}`; None for the study's own.
        regime
            Only its configurations are chosen from.
        axis, device
            What a sample pays for, and where that is measured.

        Raises
        ------
        InputError
            Not exactly one of cost and accuracy is given, the study is not confirmed on fresh
            seeds, or nothing meets the goal.
        """
        goal = goal_of(cost, accuracy)
        return recommended(self.folder, goal, regime, policy, axis, device)[1]

    def figure(self, name: str = FRONTIERS) -> "graph_objects.Figure | Figure":
        """A figure of the report: `frontiers` is interactive (plotly), others are matplotlib's.

        Raises
        ------
        InputError
            There is no such figure of this study (the message lists those that there are), or
            `evaluate` did not run.
        """
        from harness.analysis.pairs import seed_tables
        from harness.report.figures.all_figures import draw_all
        from harness.report.stage import frontiers_chart

        record = self.record
        if name == FRONTIERS:
            return frontiers_chart(record, self.folder)
        seeds = seed_tables(self.folder)
        found = {each.name: each for each in draw_all(self.folder, self.project, record, seeds)}
        if name not in found:
            known = ", ".join((FRONTIERS, *found))
            raise InputError(f"figure {name!r}: none of study {record.name}; known: {known}")
        return found[name].figure

    def report(self, watch: Step = silent) -> Path:
        """Write report.html and its figures, as `harness report` does; returns the page's path.

        Raises
        ------
        InputError
            `evaluate` did not run, or something changed since.
        """
        from harness.report.stage import write_html

        return write_html(self.folder, self.project, watch)


def load_study(
    study: str | Path, project: str | Path = ".", plugins: Sequence[str | Path] = ()
) -> Study:
    """A study that was launched or imported.

    Parameters
    ----------
    study
        Its name, its study file, or the folder of its results.
    project
        The folder that holds `results/`, and perhaps `plugins/`.
    plugins
        Further folders of plug-ins; those of the project opened last are known.

    Raises
    ------
    InputError
        There is no such study (the message lists those that there are), or its record cannot be
        read.
    """
    where = opened_project(project, plugins)
    if (Path(study) / RECORD).is_file():
        folder = Path(study)
        if folder.resolve().parent.name == where.results.name:
            where = opened_project(folder.resolve().parents[1], plugins)
    else:
        folder = study_folder(where, str(study))
    read_study_record(folder)
    return Study(folder, where)


def compare(
    studies: Sequence[str | Path | Study],
    project: str | Path = ".",
    policies: str | Sequence[str] | None = None,
    selection: str | None = None,
    calibrated: bool = False,
    cost: CostName = "macs",
    device: str | None = None,
    pairs: bool = False,
    bar: Bar = no_bar,
) -> "Sheets":
    """Several studies compared, with the ranks of their regimes, as `harness compare A B` does.

    Parameters
    ----------
    studies
        As `load_study` takes them.
    policies, selection, calibrated, cost, device, pairs
        As in `Study.compare`.
    bar
        Opened for each study that is evaluated anew.
    """
    loaded = [each if isinstance(each, Study) else load_study(each, project) for each in studies]
    choice = evaluation_choice(policies, selection, calibrated, cost, device, pairs)
    return compared([each.folder for each in loaded], choice, pairs, bar)
