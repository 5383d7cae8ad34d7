"""What the benchmarks found is written whole: every figure, met or not, and quoted as it was."""

import math
from dataclasses import replace

import pytest

from benchmarks.suite.figure import Figure, number, repeated
from benchmarks.suite.machine import Machine, this_machine
from benchmarks.suite.measured import Measured, merged, read_measured, write_measured
from benchmarks.suite.page import PAGE, page, row
from benchmarks.suite.quote import PAGES, measured_values, quotes, requoted
from benchmarks.suite.run import FOLDER, ROOT, about, benchmarks, run

MACHINE = Machine(
    "a processor", 2, 23.5, "Linux 6.1, x86_64", {"Python": "3.11.7", "torch": "2.13"}
)
WON = Figure("times as fast", 4259.6, "times", (4100.0, 4400.0), "5 repetitions", at_least=1000)
LOST = Figure("seconds of it", 0.7, "s", at_most=0.5)
LEFT_OUT = Figure("over Ray", math.nan, missing="no environment")
FOUND = Measured(
    name="table",
    about="What a table costs.",
    figures=(WON, LOST, LEFT_OUT),
    lines=("one line", "another  "),
    began="2026-11-27 20:00 UTC",
    seconds=12.4,
    load=0.3,
    commit="abc",
    machine=MACHINE,
    quick=False,
)


def test_a_figure_is_shown_with_its_spread_and_target():
    assert row(WON) == (
        "times as fast", "4,260 times", "4,100 to 4,400 (5 repetitions)", "≥ 1,000", "yes"
    )  # fmt: skip


def test_a_loss_is_shown_as_one():
    assert row(LOST)[3:] == ("≤ 0.5", "**no**")
    assert "**no**" in page([FOUND])


def test_what_was_not_measured_meets_no_target():
    missing = replace(LEFT_OUT, at_least=3.0)
    assert missing.met is None
    assert row(missing) == ("over Ray", "not measured: no environment", "", "≥ 3", "")


@pytest.mark.parametrize("value", [1000.0, 1000.1])
def test_a_target_is_met_where_it_is_reached(value):
    assert replace(WON, value=value).met
    assert not replace(WON, value=999.9).met


def test_repetitions_give_their_median_and_their_ends():
    figure = repeated("x", [3.0, 1.0, 2.0], at_most=2.0)
    assert (figure.value, figure.spread, figure.of) == (2.0, (1.0, 3.0), "3 repetitions")
    assert figure.met


def test_numbers_have_three_digits_and_no_exponent():
    shown = [number(v) for v in (0.0000123, 0.05, 1.805, 12.0, 99.96, 155.2, 1e6, -0.5)]
    assert shown == ["0.0000123", "0.05", "1.8", "12", "100", "155", "1,000,000", "-0.5"]


def test_the_page_holds_all_that_was_found():
    text = page([FOUND])
    for part in (
        "2 cores of a processor, 23.5 GiB of memory", "torch 2.13", "## table",
        "What a table costs.", "`python -m benchmarks table`", "2026-11-27 20:00 UTC",
        "| [table](#table) | seconds of it | 0.7 s |  | ≤ 0.5 | **no** |", "one line\nanother\n",
    ):  # fmt: skip
        assert part in text
    assert "quick" not in text.lower()


def test_quick_and_failed_runs_are_told():
    assert "only that the benchmarks run" in page([replace(FOUND, quick=True)])
    assert "**It failed.**" in page([replace(FOUND, failed=True)])


def test_machines_are_told_apart():
    other = replace(FOUND, name="other", machine=replace(MACHINE, cores=8))
    text = page([FOUND, other])
    assert "8 cores of a processor" in text
    assert "on machine 1" in text
    assert "on machine 2" in text
    assert "on machine" not in page([FOUND])


def test_what_was_found_is_read_back(tmp_path):
    assert read_measured(tmp_path) == ()
    sound = replace(FOUND, figures=(WON, LOST))  # NaN differs from itself
    write_measured(tmp_path, [sound])
    assert read_measured(tmp_path) == (sound,)
    write_measured(tmp_path, [FOUND])
    assert math.isnan(read_measured(tmp_path)[0].figures[2].value)


def test_one_benchmark_is_renewed_and_the_others_stay():
    other, anew = replace(FOUND, name="other"), replace(FOUND, seconds=1.0)
    assert merged([FOUND, other], [anew], ["other", "table"]) == (other, anew)
    assert merged([FOUND, other], [anew], ["table"]) == (anew,)


def test_a_quote_says_what_was_measured():
    text = 'is [?](benchmarks/RESULTS.md "times as fast") and [7](../benchmarks.md\n"else") [x](y)'
    assert quotes(text) == (("?", "times as fast"), ("7", "else"))
    assert requoted(text, [FOUND]) == text.replace("?", "4,260", 1)


def test_every_file_is_a_benchmark_but_those_of_the_runner(tmp_path):
    for name in ("b.py", "a.py", "__main__.py", "_shared.py", "note.md"):
        (tmp_path / name).write_text("")
    assert benchmarks(tmp_path) == ("a", "b")


@pytest.mark.parametrize("name", benchmarks())
def test_every_benchmark_says_what_it_measures_and_has_a_main(name):
    file = FOLDER / f"{name}.py"
    assert about(file).endswith(".")
    assert "\ndef main() -> " in file.read_text(encoding="utf-8")


def test_a_benchmark_runs_in_a_process_of_its_own(tmp_path):
    found = run("threshold_table", tmp_path, "abc", quick=True)
    assert not found.failed
    assert [figure.target for figure in found.figures] == ["≤ 0.5", "≥ 1,000"]
    assert any("threshold vectors" in line for line in found.lines)
    assert found.machine == this_machine()
    assert found.quick
    assert found.commit == "abc"


def test_the_page_of_results_is_of_the_figures_beside_it():
    found = read_measured(FOLDER)
    assert (FOLDER / PAGE).read_text(encoding="utf-8") == page(found)
    assert not any(each.quick or each.failed for each in found)


@pytest.mark.parametrize("name", PAGES)
def test_pages_quote_what_was_measured(name):
    known = measured_values(read_measured(FOLDER))
    found = quotes((ROOT / name).read_text(encoding="utf-8"))
    assert found
    assert [each for each in found if known.get(each[1], "?") != each[0]] == []
