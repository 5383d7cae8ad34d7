import pytest
import torch

from harness.timing.clock import clock_of


@pytest.mark.usefixtures("clock")
def test_the_cpu_s_clock_is_read_at_once(clock, monkeypatch):
    monkeypatch.delattr(torch.accelerator, "synchronize")
    clock.now = 7
    assert clock_of(torch.device("cpu"))() == 7


def test_an_accelerator_is_waited_for_before_the_clock_is_read(clock, monkeypatch):
    """The work given to it is done when it is waited for, and takes a time of its own."""
    waited = []

    def wait(device):
        waited.append(device)
        clock.now += 40

    monkeypatch.setattr(torch.accelerator, "synchronize", wait)
    read, before = clock_of(torch.device("cuda:1")), clock.now
    assert [read(), read()] == [before + 40, before + 80]
    assert waited == [torch.device("cuda:1")] * 2
