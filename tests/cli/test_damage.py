"""Every stored file x every damage: commands end with a message that names the file."""

import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest

from harness.analysis.frontier_stage import write_frontier
from harness.cli.app import main
from harness.core.errors import InputError
from harness.results import budget_table, tables
from tests.damage import WAYS
from tests.made_up import make_study

NAME = "made-up"
OF_TRIAL = ("trial.json", "outputs.npz", "test.npz")
COMMANDS = {
    "study.json": ("status", NAME),
    "configurations.jsonl": ("compare", NAME),
    "frontier.csv": ("coverage", NAME),
    "seeds.parquet": ("compare", NAME),
    "hypervolumes.parquet": ("compare", NAME),
    **{f"trials/KEY/{name}": ("frontier", NAME, "--no-log") for name in OF_TRIAL},
    "trials/KEY": ("frontier", NAME, "--no-log"),
}
READERS = {
    "frontier.csv": tables.read_frontier,
    "indices.csv": tables.read_regime_indices,
    "samples.parquet": tables.read_samples,
    "classes.csv": tables.read_classes,
    "routing.csv": tables.read_routing,
    "reliability.parquet": tables.read_reliability,
    "gates.parquet": tables.read_gates,
    "undertraining.csv": tables.read_undertraining,
    "at_budgets.parquet": tables.read_at_budgets,
    "trials.parquet": tables.read_trials,
    "budgets.json": budget_table.read_budgets,
}


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    root = tmp_path_factory.mktemp("stored")
    folder = make_study(root / "results" / NAME)
    write_frontier(folder)
    return root


@pytest.fixture
def folder(stored, tmp_path, monkeypatch):
    shutil.copytree(stored, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    return Path("results") / NAME


def run(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["harness", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code, capsys.readouterr().err


def damage(folder, name, way):
    key = str(pd.read_csv(folder / "frontier.csv")["key"].iloc[0])
    path = folder / name.replace("KEY", key)
    if path.is_dir() and way not in WAYS[:1]:
        pytest.skip("a folder has no content of its own")
    way(path)
    return path


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_ends_in_a_traceback(folder, name, way, monkeypatch, capsys):
    path = damage(folder, name, way)
    code, error = run(monkeypatch, capsys, *COMMANDS[name])
    assert code == 2
    assert error.startswith(f"error: {path}")
    assert len(error) < 600


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", READERS)
def test_a_damaged_table_names_the_command_that_makes_it(folder, name, way):
    path = damage(folder, name, way)
    with pytest.raises(
        InputError, match=f"{path}: .*(run `harness frontier {NAME}`|a folder lies)"
    ):
        READERS[name](folder)


def test_a_file_that_may_not_be_written_is_named(folder, monkeypatch, capsys):
    def denied(_, target):
        raise PermissionError(13, "Permission denied", str(target))

    monkeypatch.setattr(Path, "replace", denied)
    code, error = run(monkeypatch, capsys, "frontier", NAME, "--no-log")
    assert (code, error) == (
        2,
        f"error: {folder / '.tables' / 'frontier.csv'}: Permission denied\n",
    )
