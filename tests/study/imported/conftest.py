"""A real study and its outputs as another framework would have written them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from harness.results import trials
from harness.results.sealed import read_test
from tests.confirmed import STUDY, ConfirmedStudy, confirm_in
from tests.conftest import make_project, with_tables

ONE_SPLIT = STUDY.replace("candidates: [50, 100]}", "candidates: [50, 100], resplit: false}")


@dataclass(frozen=True)
class Written:
    """The real study, and the folder of its outputs."""

    study: ConfirmedStudy
    outputs: Path


def arrays_of(folder, key):
    """A trial's outputs and costs by the names of an import."""
    result, test = trials.read_trial(folder, key), read_test(folder, key)
    parts = {"validation": result.validation, "calibration": result.calibration, "test": test}
    outputs = {
        f"{part}_{name}": getattr(found, attribute)
        for part, found in parts.items()
        for name, attribute in (("logits", "values"), ("labels", "labels"))
    }
    costs = {"costs": result.costs.macs, "full_cost": result.costs.full}
    return {**outputs, **costs, "parameters": result.costs.parameters}


@pytest.fixture(scope="session")
def written(tmp_path_factory, mlflow_tables):
    """Searched on one seed and confirmed on three, all of one split."""
    folder = tmp_path_factory.mktemp("one-split")
    study = confirm_in(with_tables(make_project(folder / "project"), mlflow_tables), ONE_SPLIT)
    numbers = study.record.fresh.candidates
    for where, record in (
        (study.folder, study.search),
        (study.folder / "confirmation", study.record),
    ):
        for each in record.configurations:
            number = each.number if record.fresh is None else numbers[each.number]
            for key in each.keys:
                seed = trials.read_trial(where, key).spec.seed
                path = folder / "outputs" / each.regime / str(number) / f"{seed}.npz"
                path.parent.mkdir(parents=True, exist_ok=True)
                np.savez(path, **arrays_of(where, key))
    return Written(study, folder / "outputs")
