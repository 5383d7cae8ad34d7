import pytest
import torch

from harness.core.errors import InputError
from harness.training import devices
from harness.training.devices import device_name, find_devices, is_out_of_memory


@pytest.fixture
def machine(monkeypatch):
    """Says how many CUDA devices there are, and whether there is MPS."""

    def has(cuda=0, mps=False):
        monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)

    return has


def test_auto_takes_accelerators_where_there_are_any(machine):
    machine()
    assert find_devices("auto") == ("cpu",)
    machine(mps=True)
    assert find_devices("auto") == ("mps",)
    machine(cuda=2, mps=True)
    assert find_devices("auto") == ("cuda:0", "cuda:1")


def test_devices_by_name(machine):
    machine(cuda=3)
    assert find_devices("cpu") == ("cpu",)
    assert find_devices("cuda") == ("cuda:0", "cuda:1", "cuda:2")
    assert find_devices("cuda:2,0") == ("cuda:2", "cuda:0")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("cuda", r"--device cuda: no cuda here; torch .* finds cpu"),
        ("mps", r"--device mps: no mps here; torch .* finds cpu"),
        ("cuda:0,4", r"--device cuda:0,4: no cuda:0, cuda:4 here; torch .* finds cpu"),
    ],
)
def test_what_is_not_there_is_refused(machine, asked, message):
    machine()
    with pytest.raises(InputError, match=message):
        find_devices(asked)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("cuda:0,0", "a device twice; torch .* finds cuda:0, cpu"),
        ("cuda:x", "no cuda:x here"),
        ("gpu", "allowed are auto, cpu, cuda, cuda:0,1 or mps"),
        ("cpu:0", "allowed are auto, cpu, cuda, cuda:0,1 or mps"),
        ("", "allowed are auto, cpu, cuda, cuda:0,1 or mps"),
    ],
)
def test_what_is_no_device_is_refused(machine, asked, message):
    machine(cuda=1)
    with pytest.raises(InputError, match=f"--device {asked}: {message}"):
        find_devices(asked)


def test_the_cpu_is_named_by_its_kind_and_instructions():
    """Processors of other instructions round differently."""
    assert device_name("cpu") == f"cpu ({torch.backends.cpu.get_cpu_capability()})"
    assert device_name("mps") == "mps"


def test_only_memory_of_a_device_counts():
    assert is_out_of_memory(
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate ..."), "cpu"
    )
    assert is_out_of_memory(RuntimeError("MPS backend out of memory (MPS allocated: 1 GB"), "cpu")
    assert is_out_of_memory(RuntimeError("CUDA error: out of memory"), "cpu")
    assert is_out_of_memory(
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling"), "cpu"
    )
    assert not is_out_of_memory(RuntimeError("CUDA error: device-side assert triggered"), "cpu")
    assert not is_out_of_memory(MemoryError(), "cpu")


@pytest.mark.parametrize(("free", "out"), [(300 * 2**20, True), (40 * 2**30, False)])
def test_an_internal_error_is_believed_to_be_of_memory_on_a_full_device(monkeypatch, free, out):
    asked = []
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda d: asked.append(d) or (free, 80 * 2**30))
    error = RuntimeError("cuDNN error: CUDNN_STATUS_INTERNAL_ERROR")
    assert is_out_of_memory(error, "cuda:1") is out
    assert asked == ["cuda:1"]


def test_nothing_is_cached_on_the_cpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: pytest.fail("not CUDA"))
    devices.free_cached("cpu")
