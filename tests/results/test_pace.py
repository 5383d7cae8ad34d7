import pytest

from harness.results.pace import PACE, Pace, PaceLog, read_pace, seconds_left


def test_a_launch_s_pace_is_kept_as_it_goes(tmp_path):
    now = [1000.0]
    log = PaceLog(tmp_path, clock=lambda: now[0])
    log.write()
    assert read_pace(tmp_path) is None  # nothing was trained: that of the launch before stays
    for _ in range(6):
        now[0] += 1.0
        log.count()
    assert read_pace(tmp_path).trained == 5  # not written with every trial
    log.write()
    pace = read_pace(tmp_path)
    assert pace == Pace(began=1000, until=1006, trained=6)
    assert pace.per_hour == 3600


def test_the_end_is_expected_at_this_pace():
    pace = Pace(began=0, until=100, trained=10)
    assert seconds_left(pace, 30, 100) == 300
    assert seconds_left(pace, 30, 105) == 295
    assert seconds_left(pace, 1, 500) == 0
    assert seconds_left(None, 3, 0) is None
    assert seconds_left(Pace(began=0, until=0, trained=0), 3, 0) is None


@pytest.mark.parametrize("text", ["", "{}", '{"began": 1, "until": 2, "trained": -1}'])
def test_a_damaged_file_tells_nothing(tmp_path, text):
    (tmp_path / PACE).write_text(text)
    assert read_pace(tmp_path) is None
