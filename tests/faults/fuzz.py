"""`python -m tests.faults.fuzz 20000`: mutated files of every kind, and what became of them."""

import os
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from harness.core.errors import HarnessError
from tests.faults.kinds import KINDS

CASES = int(os.environ.get("HARNESS_FUZZ_CASES", "360"))
"""Of all kinds together."""
LONGEST, LARGEST = 5.0, 2**30
"""Seconds that a case may take, and bytes that the process may."""

NUMBERS = st.integers(0, 2**24)
STEPS = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=4)


@dataclass
class Outcome:
    """What became of the cases of one kind.

    Attributes
    ----------
    accepted
        Of which the file was still valid.
    slowest
        Seconds.
    """

    cases: int = 0
    accepted: int = 0
    slowest: float = 0.0

    def ran(self, seconds, accepted):
        self.cases += 1
        self.accepted += accepted
        self.slowest = max(self.slowest, seconds)


def run(name, cases, folder, derandomize=True):
    """Mutate files of a kind; raises what is no error of harness, with the steps that led there."""
    kinds, outcome = KINDS[name][0](folder), Outcome()

    @settings(
        max_examples=cases,
        derandomize=derandomize,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(NUMBERS, NUMBERS, st.booleans(), STEPS)
    def cases_of(which, index, structural, steps):
        kind = kinds[which % len(kinds)]
        path, content = kind.mutated(index, structural, steps)
        before = path.read_bytes()
        try:
            path.write_bytes(content)
            began = time.perf_counter()
            refused = None
            try:
                kind.use()
            except HarnessError as error:
                refused = str(error)
            assert refused != "", "an error without a message"
            outcome.ran(time.perf_counter() - began, refused is None)
        finally:
            path.write_bytes(before)
            path.with_name(f"{path.name}.rejected").unlink(missing_ok=True)

    cases_of()
    return outcome


def share(name, cases):
    """How many of all cases are of a kind."""
    return max(1, round(cases * KINDS[name][1] / sum(weight for _, weight in KINDS.values())))


def main(cases):
    """Run all kinds; the exit code says whether each case ended as it must."""
    sound = True
    total = Outcome()
    for name in KINDS:
        with tempfile.TemporaryDirectory() as scratch:
            try:
                found = run(name, share(name, cases), Path(scratch), derandomize=False)
            except Exception as error:  # the point is to find them
                sound = False
                notes = " ".join(getattr(error, "__notes__", ()))
                print(f"{name}: {type(error).__name__}: {error}\n{notes}"[:3000])  # noqa: T201
                continue
        print(  # noqa: T201
            f"{name}: {found.cases} cases, {found.accepted} still valid, slowest "
            f"{found.slowest:.2f} s",
            flush=True,
        )
        total.cases += found.cases
        total.slowest = max(total.slowest, found.slowest)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(  # noqa: T201
        f"{total.cases} cases, slowest {total.slowest:.2f} s, peak memory {peak / 2**20:.0f} MiB"
    )
    return 0 if sound and total.slowest < LONGEST and peak < LARGEST else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else CASES))
