"""A pool without processes: each would import torch, which takes longer than trials this small."""


class InProcess:
    """Trains what was submitted when it is collected, one at a time (`harness.study.pool.Pool`)."""

    def __init__(self, workers, work):
        del workers
        self.work = work
        self.waiting = []

    def submit(self, spec):
        self.waiting.append(spec)

    def __len__(self):
        return len(self.waiting)

    def collect(self, timeout):
        del timeout
        return (self.work(self.waiting.pop(0)),)

    def drop_queued(self):
        self.waiting.clear()

    def close(self):
        self.waiting.clear()
