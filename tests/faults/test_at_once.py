"""Commands beside a launch."""

import signal

import pytest

from tests.faults.disturbed import PATIENCE, counted, wait_for

pytestmark = pytest.mark.job
COMMANDS = (
    ("status", "tiny"),
    ("frontier", "tiny"),
    ("report", "tiny"),
    ("sync", "tiny"),
    ("compare", "tiny"),
)


def test_a_second_launch_is_refused_and_told_who_holds_the_study(disturbed, undisturbed):
    study = disturbed()
    process = study.launch()
    wait_for(study.stored, "trials")
    process.send_signal(signal.SIGSTOP)  # so that it does not end meanwhile
    code, said = study.run("launch", study.file)
    process.send_signal(signal.SIGCONT)
    assert code == 2, said
    assert f"(process {process.pid} on " in said
    process.communicate(timeout=PATIENCE)
    study.to_the_end()
    study.assert_equals(undisturbed)


def test_two_first_launches_at_once(disturbed, undisturbed):
    study = disturbed()
    both = [study.launch(workers=1) for _ in range(2)]
    ended = [(process.communicate(timeout=PATIENCE)[0], process.returncode) for process in both]
    assert sorted(code for _, code in ended) in ([0, 0], [0, 2]), ended
    assert not any("Traceback" in said for said, _ in ended)
    study.to_the_end()
    study.assert_equals(undisturbed)
    counted("two launches at once", {"codes": [code for _, code in ended]})


def test_commands_beside_a_launch_end_in_words(disturbed, undisturbed):
    study = disturbed()
    process = study.launch()
    wait_for(study.stored, "trials")
    codes = []
    for command in COMMANDS:
        code, said = study.run(*command)
        assert code in {0, 2}, said
        assert "Traceback" not in said
        codes.append(code)
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    study.to_the_end()
    study.assert_equals(undisturbed)
    counted("commands beside a launch", {"codes": codes})
