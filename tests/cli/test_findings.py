"""`harness findings` on a real confirmed study."""

import json

import pytest


def test_findings_of_a_confirmed_study(own_confirmed, harness):
    done = harness("findings", "tiny", "--policies", "max_softmax,entropy", "--costs",
                   "parameters,macs", "--routing", "60/40")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "rows of 1 study written to" in done.stdout
    rows = json.loads((own_confirmed.project.results / "findings.json").read_text())["rows"]
    asked = {(row["policy"], row["cost_axis"]) for row in rows}
    assert asked == {(p, c) for p in ("max_softmax", "entropy") for c in ("macs", "parameters")}
    for row in rows:
        assert (row["study"], row["dataset"], row["seeds"]) == ("tiny", "digits", 3)
        assert (row["budget"] is None) == (row["at_routing"] == [0.6, 0.4])
        assert sum(row["routing"]) == pytest.approx(1)
        assert row["accuracy_low"] <= row["accuracy"] <= row["accuracy_high"]
    near = [row for row in rows if row["at_routing"]]
    assert {row["regime"] for row in near} == {"joint", "mixed"}

    collected = harness("findings", "--json")
    assert json.loads(collected.stdout)["rows"] == rows


@pytest.mark.usefixtures("own_confirmed")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["tiny", "--routing", "60/30"], "--routing 60/30: write per cents per exit that add up"),
        (["tiny", "--routing", "most"], "--routing most: write per cents per exit"),
        (["tiny", "--routing", "50/30/20"], "--routing: 3 shares for networks with 2 exits"),
        (["tiny", "--costs", "joules"], "--costs: no cost axis joules"),
        (["tiny", "--policies", "none_such"], "unknown name 'none_such'"),
        (["nothing"], "nothing"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_refused(arguments, said, harness):
    done = harness("findings", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
