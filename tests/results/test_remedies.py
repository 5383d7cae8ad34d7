"""What is damaged says which command makes it again: a study's files, and a confirmation's."""

import json

import pytest

from harness.core.errors import DataError
from harness.results import trials
from harness.results.study_record import CONFIGURATIONS, RECORD, read_study_record
from tests.damage import WAYS
from tests.made_up import make_confirmation

OF_TRIAL = ("trial.json", "outputs.npz")


@pytest.fixture(params=[False, True], ids=["search", "confirmation"])
def damaged(folder, request):
    """A folder with files to damage, and the command that its messages are to name."""
    if request.param:
        return make_confirmation(folder), f"`harness confirm {folder.name}`"
    return folder, "launch the study again"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", OF_TRIAL)
def test_of_a_damaged_trial(damaged, name, way):
    folder, command = damaged
    key = trials.stored_keys(folder)[0]
    path = trials.trial_folder(folder, key) / name
    way(path)
    with pytest.raises(DataError, match=f"^{path}: .*({command}|move it away)"):
        trials.read_trial(folder, key)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", [RECORD, CONFIGURATIONS])
def test_of_a_damaged_record(damaged, name, way):
    folder, command = damaged
    missing = "|`harness launch` makes it" if name == RECORD else ""
    way(folder / name)
    with pytest.raises(DataError, match=f"^{folder / name}: .*({command}|move it away{missing})"):
        read_study_record(folder)


def test_of_another_format(damaged):
    folder, command = damaged
    key = trials.stored_keys(folder)[0]
    for path in (folder / RECORD, trials.trial_folder(folder, key) / "trial.json"):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 1}))
    expected = command if "confirm" in command else "--restart"
    with pytest.raises(DataError, match=f"format 1, .*{expected}"):
        read_study_record(folder)
    with pytest.raises(DataError, match=f"format 1, .*{expected}"):
        trials.read_trial(folder, key)
