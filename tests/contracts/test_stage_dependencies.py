"""Every stage of dvc.yaml depends on all the code that its outputs are made by."""

import re
import subprocess
import sys

import grimp
import pytest
import yaml

from tests.conftest import REPOSITORY

ROOTS = {
    "fetch": ("harness.data.fetch",),
    "prepare": ("harness.data.prepare",),
    "study": ("harness.study.run", "harness.study.worker"),
    "confirm": ("harness.study.run", "harness.study.worker", "harness.study.candidates"),
    "frontier": ("harness.analysis.frontier_stage",),
    "report": ("harness.report.stage",),
    "findings": ("harness.analysis.findings",),
}
# MLflow's store is no output of a stage; costs are MACs, others an option of the commands.
NO_OUTPUT = (
    "harness.tracking",
    "harness.study.mlflow_log",
    "harness.study.trial_logger",
    "harness.timing",
)
STAGES = yaml.safe_load((REPOSITORY / "dvc.yaml").read_text())["stages"]


@pytest.fixture(scope="module")
def graph():
    graph = grimp.build_graph("harness")
    for module in NO_OUTPUT:
        for each in {module, *graph.find_descendants(module)}:
            graph.remove_module(each)
    return graph


def file_of(module):
    path = REPOSITORY.joinpath(*module.split("."))
    found = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return found.relative_to(REPOSITORY)


def needed(graph, stage):
    """The modules that a stage imports, and the plug-ins that it may."""
    found = set(ROOTS[stage])
    for root in ROOTS[stage]:
        found |= graph.find_upstream_modules(root)
    with_plugins = graph.find_modules_that_directly_import("harness.core.plugins") & found
    plugins = {child for package in with_plugins for child in graph.find_children(package)}
    return found | plugins


@pytest.mark.parametrize("stage", ROOTS)
def test_a_stage_depends_on_all_the_code_that_it_imports(graph, stage):
    dependencies = set(STAGES[stage]["do"]["deps"])
    files = {file_of(module) for module in needed(graph, stage)}
    missing = {str(f) for f in files if not dependencies & {str(f), *map(str, f.parents)}}
    assert missing == set()


def test_every_stage_is_checked():
    assert set(ROOTS) == set(STAGES)


def test_dvc_reads_the_stages_of_this_project_alone():
    """Those of the template of a new project are no stages here: their variables are not there."""
    command = [sys.executable, "-m", "dvc", "dag", "--md"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert set(re.findall(r"\[\"(\w+)@", done.stdout)) == {*ROOTS}
