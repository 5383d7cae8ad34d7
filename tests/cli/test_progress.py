from harness.cli.progress import DownloadBar, StudyBar
from harness.study.progress import StudyProgress


def test_a_download_prints_a_line_a_tenth_where_there_is_no_terminal(capsys):
    with DownloadBar() as progress:
        for have in range(0, 2_000_001, 1000):
            progress.show("cube.mat", have, 2_000_000)
        progress.show("unknown", 500_000, 0)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 12
    assert lines[0] == "cube.mat: 0.0 of 2.0 MB"
    assert lines[10] == "cube.mat: 2.0 of 2.0 MB"


def test_a_download_draws_a_bar_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    with DownloadBar() as progress:
        progress.show("cube.mat", 1_000_000, 4_000_000)
    drawn = capsys.readouterr().err
    assert "cube.mat" in drawn
    assert "1.0/4.0 MB" in drawn


def test_a_launch_prints_its_first_and_last_trial(capsys):
    with StudyBar("tiny") as live:
        for done in range(4):
            live.show(StudyProgress(done, 1, 4, 0.25, 65.0 if done else None, "x trained"))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("tiny: 0 done, 1 failed of 4 trials")
    assert (
        lines[-1] == "tiny: 3 done, 1 failed of 4 trials, hypervolume 0.2500, left 1:05 (x trained)"
    )


def test_workers_that_join_and_leave_are_said(capsys):
    with StudyBar("tiny") as live:
        live.show(StudyProgress(0, 0, 4, 0.0, None, "starting", 1, ("worker [a] joined, 1 there",)))
        live.show(StudyProgress(4, 0, 4, 0.25, 0.0, "x trained", 0, ("worker [a] left, 0 there",)))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "tiny: worker [a] joined, 1 there"
    assert lines[1].endswith("hypervolume 0.0000, workers 1, left ? (starting)")
    assert lines[2] == "tiny: worker [a] left, 0 there"
    assert lines[3].endswith("hypervolume 0.2500, workers 0, left 0:00 (x trained)")
