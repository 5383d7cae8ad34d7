"""Which configurations a drawing shows, where there are more than can be told apart."""

import numpy as np
import pandas as pd

from harness.report.figures.all_figures import _of_search
from harness.report.figures.files import inline
from harness.report.figures.thinning import MOST_DOTS, most_of_each, thinned
from harness.results.study_record import Configuration, StudyRecord
from tests.made_up import MANIFEST
from tests.records import changed, record_of

UNIT = {"min": 0.0, "max": 1.0}


def slices_of(**configurations: int) -> pd.DataFrame:
    """Two dots for each of so many configurations by regime, numbered through."""
    regimes = np.repeat([*configurations], [*configurations.values()])
    numbers = np.arange(len(regimes))
    return pd.DataFrame(
        {
            "regime": np.repeat(regimes, 2),
            "configuration": np.repeat(numbers, 2),
            "parameter": "training.learning_rate",
            "value": np.repeat(numbers + 1.0, 2),
            "logarithmic": True,
            "metric": ["accuracy", "cost"] * len(regimes),
            "objective": 0.5,
        }
    )


def test_all_are_drawn_up_to_the_most_dots():
    slices = slices_of(joint=5, mixed=3)
    drawn, number = thinned(slices, most=16)
    assert number is None
    assert drawn is slices


def test_beyond_them_each_regime_is_thinned_evenly_in_order_of_number():
    slices = slices_of(joint=10, mixed=3)
    drawn, number = thinned(slices, most=14)
    # Four of joint and all three of mixed: fourteen dots; five of joint would make sixteen.
    assert number == 4
    shown = drawn.groupby("regime")["configuration"].unique()
    assert shown["joint"].tolist() == [0, 3, 6, 9]
    assert shown["mixed"].tolist() == [10, 11, 12]
    assert len(drawn) == 14
    pd.testing.assert_frame_equal(drawn, slices.loc[drawn.index])


def test_regimes_with_more_parameters_have_more_dots():
    dots, of_each = pd.Series({"a": 4, "b": 2}), pd.Series({"a": 100, "b": 10})
    assert most_of_each(dots, of_each, 60) == 10
    assert most_of_each(dots, of_each, 59) == 9
    # Past ten only a's go on: 4 x 20 and 2 x 10.
    assert most_of_each(dots, of_each, 100) == 20
    assert most_of_each(dots, of_each, 1) == 1


def test_a_page_holds_no_more_dots_however_many_configurations_there_are():
    sizes = {}
    for count in (1_000, 2_000):  # of each of two regimes, two metrics
        drawings = {each.name: each for each in _of_search(searched(count))}
        for name in ("slices", "slices_regimes"):
            lines = [line for panel in drawings[name].figure.axes for line in panel.lines]
            drawn = sum(len(line.get_xdata()) for line in lines)
            assert drawn == min(4 * count, MOST_DOTS), name
            assert len(drawings[name].data) == 4 * count
            sizes[name, count] = len(inline(drawings[name].figure, name))
        said = [drawings[name].caption for name in ("slices", "slices_regimes")]
        # Six thousand dots are 1,500 configurations of each regime.
        thinning = "Drawn are 3,000 of 4,000 configurations, at most 1,500 of each regime"
        assert all((thinning in caption) == (4 * count > MOST_DOTS) for caption in said)
        assert any("Drawn are" in caption for caption in said) == (4 * count > MOST_DOTS)
    assert all(sizes[name, 2_000] < 1.6 * sizes[name, 1_000] for name, _ in sizes)
    assert all(size < 1.2e6 for size in sizes.values())


def searched(count: int) -> StudyRecord:
    """A study of so many configurations of each of two regimes."""
    draw = np.random.default_rng(0)
    regimes = {"joint": {"idle": UNIT}, "mixed": {"idle": UNIT}}
    metrics = [{"name": "accuracy", "goal": "maximize"}, {"name": "cost", "goal": "minimize"}]
    made = record_of(MANIFEST, regimes=regimes, training={"rate": UNIT}, metrics=metrics)
    found = (
        Configuration(
            number=number,
            regime=("joint", "mixed")[number % 2],
            parameters={"training.rate": draw.random(), "regime.idle": draw.random()},
            keys=(),
            thresholds=None,
            objectives=tuple(draw.random(2)),
        )
        for number in range(2 * count)
    )
    return changed(made, configurations=tuple(found))
