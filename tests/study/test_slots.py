import pytest

from harness.core.errors import InputError
from harness.study.slots import CPU, kind_of, make_slots


def devices_of(slots):
    return [slot.device for slot in slots]


def test_one_worker_on_the_cpu_or_as_many_as_asked():
    assert make_slots(("cpu",), None, 1) == (CPU,)
    assert make_slots(("cpu",), 3, 1) == (CPU,) * 3
    assert CPU.kind == "cpu"
    assert CPU.threads == 1


def test_slots_go_round_the_devices():
    pair = ("cuda:0", "cuda:2")
    assert devices_of(make_slots(pair, None, 1)) == ["cuda:0", "cuda:2"]
    assert devices_of(make_slots(pair, None, 2)) == ["cuda:0", "cuda:2", "cuda:0", "cuda:2"]
    assert devices_of(make_slots(pair, 3, 2)) == ["cuda:0", "cuda:2", "cuda:0"]
    assert {slot.kind for slot in make_slots(pair, 3, 2)} == {"cuda"}


def test_no_more_workers_than_fit_on_the_accelerators():
    with pytest.raises(InputError, match=r"--workers 5: at most 4, 2 on each of cuda:0, cuda:1; "):
        make_slots(("cuda:0", "cuda:1"), 5, 2)


def test_kinds_of_devices():
    assert [kind_of(device) for device in ("cpu", "cuda:3", "mps")] == ["cpu", "cuda", "mps"]
    with pytest.raises(InputError, match="device: one of cpu, cuda, mps, found 'tpu:0'"):
        kind_of("tpu:0")
