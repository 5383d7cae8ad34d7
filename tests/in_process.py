"""An executor without processes: each would import torch, which takes longer than small trials."""

from harness.study.slots import CPU


class InProcess:
    """Trains in the thread that calls it, one task at a time (`harness.study.executors.loky`)."""

    capacity = 1

    def __init__(self, slots, work):
        del slots
        self.work = work

    def run(self, task):
        return self.work(task, slot=CPU)

    def presence(self):
        """No worker joins or leaves."""

    def close(self):
        """Nothing runs between two calls."""
