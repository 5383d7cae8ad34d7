"""Where to train and to measure, from what users write."""

import pytest

from harness.api.devices import slots_of, timed_on
from harness.core.errors import InputError
from harness.results import study_record
from tests.made_up import make_study


def test_time_is_measured_on_the_cpu_unless_another_device_is_named():
    assert timed_on(None) == timed_on("cpu", "latency") == timed_on(None, "macs") == "cpu"


@pytest.mark.parametrize(
    ("device", "axis", "message"),
    [
        ("cpu", "macs", "--device: goes with latency or throughput, found macs"),
        ("cuda:0,1", "latency", "--device cuda:0,1: time is measured on one device"),
        ("tpu", "throughput", "--device tpu: time is measured on one device"),
    ],
)
def test_a_device_that_cannot_be_timed_on_is_refused(device, axis, message):
    with pytest.raises(InputError, match=message):
        timed_on(device, axis)


def test_workers_are_slots_on_the_device(tmp_path):
    slots = slots_of(3, "cpu", 1, tmp_path)
    assert [slot.device for slot in slots] == ["cpu"] * 3
    assert len(slots_of(None, "cpu", 1, tmp_path)) == 1


def test_a_study_goes_on_with_the_kind_of_device_that_it_was_begun_on(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "harness.training.devices.find_devices", lambda device: asked.append(device) or ("cpu",)
    )
    folder = make_study(tmp_path / "made-up")
    record = study_record.read_study_record(folder)
    study_record.write_study_record(folder, record.model_copy(update={"device": "cuda"}))
    slots_of(1, "auto", 1, folder)
    slots_of(1, "auto", 1, tmp_path / "none")
    assert asked == ["cuda", "auto"]
