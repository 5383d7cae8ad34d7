"""`harness status`: size and pace, quickly for thousands of trials."""

import json
import time

from harness.core.records import write_record
from harness.results.launch_lock import only_launch
from harness.results.pace import PACE, Pace
from harness.results.sizes import size_of
from harness.results.study_record import read_study_record, write_study_record


def row(harness):
    (found,) = json.loads(harness("status", "--json").stdout)["studies"]
    return found


def test_size_and_pace_of_the_last_launch(own_confirmed, harness):
    found = row(harness)
    assert found["bytes"] == size_of(own_confirmed.folder)
    assert found["per_hour"] > 0
    assert found["expected_end"] is None  # it does not run
    assert "per hour" in harness("status").stdout


def test_a_running_launch_is_expected_to_end(own_confirmed, harness):
    folder, now = own_confirmed.folder, time.time()
    record = read_study_record(folder)
    running = record.model_copy(update={"state": "running", "planned": 1204})
    write_study_record(folder, running)
    write_record(folder / PACE, Pace(began=now - 3600, until=now, trained=100))
    with only_launch(folder):
        found = row(harness)
    assert found["per_hour"] == 100
    ends = time.mktime(time.strptime(found["expected_end"], "%Y-%m-%d %H:%M"))
    assert abs(ends - (now + 12 * 3600)) < 120
    (folder / PACE).unlink()
    assert row(harness)["per_hour"] is None


def test_thousands_of_trials_cost_little(own_confirmed, harness):
    for number in range(2000):
        trial = own_confirmed.folder / "trials" / f"{number:016x}"
        trial.mkdir()
        for name in ("trial.json", "outputs.npz", "weights.npz", "test.npz"):
            (trial / name).touch()
    began = time.process_time()
    assert row(harness)["trials"] == 2004
    assert time.process_time() - began < 5
