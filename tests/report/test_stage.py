"""Pictures of a study's frontiers, on made-up trials."""

import shutil

import pandas as pd
from matplotlib.figure import Figure

from harness.analysis import frontier_stage
from harness.report.figures.drawing import Drawing
from harness.report.figures.pareto import pareto_data
from harness.report.stage import _replace_figures, current_figures, write_pictures
from harness.results.confirmation import confirmation_folder
from harness.results.stamp import STAMP
from tests.made_up import REGIMES


def test_pictures_show_every_regime_and_say_what_they_rest_on(folder):
    record, _ = frontier_stage.write_frontier(folder)
    write_pictures(record, folder, folder)
    data = pareto_data(pd.read_csv(folder / "frontier.csv"))
    assert set(data["part"]) == {"validation", "test"}
    assert data[["cost", "score"]].notna().all(axis=None)
    for word in ("made-up data", "split s", "[0, 1]", "dddddddddddd", "max_softmax"):
        assert word in record.caption
    page = (folder / "pareto.html").read_text()
    assert "cdn.plot.ly" not in page.split("<body>")[0]
    assert all(f'"legendgroup":"{regime}"' in page for regime in REGIMES)
    assert (folder / "pareto.png").read_bytes().startswith(b"\x89PNG")


def test_figures_are_current_while_their_tables_are(reported, tmp_path):
    folder = shutil.copytree(reported.folder, tmp_path / "made-up")
    names = [path.name for path in current_figures(folder)]
    assert {"attainment.png", "routing.png"} <= set(names)
    stamp = (folder / STAMP).read_text()
    (folder / STAMP).write_text(stamp.replace('"trials": 7', '"trials": 8'))
    assert current_figures(folder) == ()
    (folder / STAMP).unlink()
    assert current_figures(folder) == ()


def test_figures_over_seeds_are_current_while_the_confirmation_s_tables_are(
    reported, reported_fresh, tmp_path
):
    folder = shutil.copytree(reported_fresh.folder, tmp_path / "made-up")
    assert "attainment.png" in [path.name for path in current_figures(folder)]
    stamp = confirmation_folder(folder) / STAMP
    stamp.write_text(stamp.read_text().replace('"trials": 21', '"trials": 22'))
    assert current_figures(folder) == ()
    # Drawn over searched seeds, before there were fresh ones.
    before = shutil.copytree(reported.folder, tmp_path / "before")
    assert current_figures(before)
    shutil.copytree(confirmation_folder(reported_fresh.folder), confirmation_folder(before))
    assert current_figures(before) == ()


def test_figures_of_a_regime_that_left_the_study_leave_with_it(reported, tmp_path):
    folder = shutil.copytree(reported.folder, tmp_path / "made-up")
    _replace_figures([Drawing("map_joint", "Map", "words", Figure(), pd.DataFrame())], folder)
    assert [path.name for path in current_figures(folder)] == ["map_joint.png"]
