"""Pictures of a study's frontiers, on made-up trials."""

import pandas as pd

from harness.analysis import frontier_stage
from harness.report.figures.pareto import pareto_data, pareto_figure
from harness.report.stage import write_pictures
from tests.made_up import REGIMES


def test_pictures_show_every_regime_and_say_what_they_rest_on(folder):
    record, _ = frontier_stage.write_frontier(folder)
    write_pictures(record, folder, folder)
    data = pareto_data(pd.read_csv(folder / "frontier.csv"))
    assert set(data["part"]) == {"validation", "test"}
    assert data[["cost", "score"]].notna().all(axis=None)
    figure = pareto_figure(data, "title", record.caption)
    assert len(figure.data) == 2 * len(REGIMES)
    for word in ("made-up data", "split s", "[0, 1]", "dddddddddddd", "max_softmax"):
        assert word in record.caption
    page = (folder / "pareto.html").read_text()
    assert "cdn.plot.ly" not in page.split("<body>")[0]
    assert (folder / "pareto.png").read_bytes().startswith(b"\x89PNG")
