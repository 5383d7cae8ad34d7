"""Run the benchmarks in turn, and write what they found to benchmarks/RESULTS.md.

python -m benchmarks                      all of them, and the pages that quote them
python -m benchmarks NAME [NAME ...]      these; what is there of the others stays
python -m benchmarks --quick              in small, to benchmarks/quick/, which git ignores
"""

import argparse
import sys
from pathlib import Path

from benchmarks.suite.machine import commit
from benchmarks.suite.measured import Measured, merged, read_measured, write_measured
from benchmarks.suite.page import PAGE, page
from benchmarks.suite.quote import rewritten
from benchmarks.suite.run import FOLDER, ROOT, benchmarks, run
from harness.core.files import write_text


def main() -> int:
    """Exit status: 1 where a benchmark failed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(benchmarks()))
    parser.add_argument("--quick", action="store_true", help="small sizes, few repetitions")
    given = parser.parse_args()
    if unknown := [name for name in given.names if name not in benchmarks()]:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(benchmarks())}")
    out = FOLDER / "quick" if given.quick else FOLDER
    out.mkdir(exist_ok=True)
    at = commit(ROOT)  # before any page is written
    found = []
    for name in given.names or benchmarks():
        print(f"== {name}", flush=True)
        found.append(run(name, out, at, quick=given.quick))
        print(f"== {name}: {found[-1].seconds:.0f} s", flush=True)
        keep(found[-1], out)
    failed = [each.name for each in found if each.failed]
    print(f"{out.relative_to(ROOT) / PAGE}", f"; failed: {', '.join(failed)}" if failed else "")
    return int(bool(failed))


def keep(found: Measured, out: Path) -> None:
    """Put what one benchmark found in place of what was there, on all pages that show it."""
    kept = merged(read_measured(out), [found], benchmarks())
    write_measured(out, kept)
    write_text(out / PAGE, page(kept))
    if out == FOLDER:
        for path, text in rewritten(ROOT, kept).items():
            write_text(path, text)


if __name__ == "__main__":
    sys.exit(main())
