import sys

import pytest

from harness.core.errors import InputError
from harness.results.study_record import Reference
from harness.study.executors.profile import make_profile
from harness.study.slots import Slot
from harness.study.study_file import read_study
from harness.study.trial_summary import SummaryRecipe
from harness.study.workplace import cluster_slots, open_cluster


def test_slots_are_the_workers_that_are_known():
    plain = {"cluster": {"kind": "local", "workers": 3}, "device": "cuda"}
    assert cluster_slots(make_profile(plain, "p")) == (Slot("cuda"),) * 3
    assert cluster_slots(make_profile({"scheduler": "tcp://a:1"}, "p")) == (Slot("cpu"),)


def test_without_dask_it_says_what_to_install(project, monkeypatch):
    for name in ("dask", "dask_cluster"):
        monkeypatch.delitem(sys.modules, f"harness.study.executors.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "distributed", None)
    study = read_study(project.studies / "quickstart.yaml")
    profile = make_profile({"scheduler": "tcp://127.0.0.1:9"}, "p")
    recipe = SummaryRecipe(study.policy, 0, Reference(macs=1.0, score=0.1))
    with pytest.raises(InputError, match=r"distributed is not installed; pip install 'harness\[c"):
        open_cluster(project, project.results / "quickstart", study, profile, recipe)
