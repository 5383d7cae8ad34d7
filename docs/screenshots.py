"""Take the screenshots of docs/tour.md and docs/howto, in the MLflow UI and the report.

    python -m docs.screenshots

Shows what `harness launch`, `frontier`, `report` and `register` put into the store below results/
for the studies `quickstart` and `indian_pines`. Needs Chromium, as the tests do, and no network.
"""

import io
import sys
from collections.abc import Callable
from pathlib import Path

from mlflow.tracking import MlflowClient
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from harness.core.project import Project
from harness.tracking.views import REGIMES, TRIALS, view_address
from tests.browser.conftest import FLAGS, chromium
from tests.browser.serving import harness_ui

DOCS = Path(__file__).parent
SIZE = {"width": 1280, "height": 800}
MINUTE = 60_000
COLOURS = 128

# The button of the chat window covers what is below it; addresses of files differ by machine.
HIDE = """
() => {
  const hide = (node) => { if (node) node.style.visibility = 'hidden'; };
  for (const node of document.querySelectorAll('button')) {
    const box = node.getBoundingClientRect();
    if (box.right > innerWidth - 30 && box.bottom > innerHeight - 30) hide(node);
  }
  for (const node of document.querySelectorAll('span, div')) {
    if (/^Path: /.test(node.textContent) && node.textContent.length < 300) hide(node);
  }
}
"""


class Study:
    """Addresses of a study in the UI."""

    def __init__(self, client: MlflowClient, name: str) -> None:
        found = client.get_experiment_by_name(name)
        runs = found and client.search_runs(
            [found.experiment_id],
            "tags.`harness.kind` = 'launch' AND tags.stage = 'search'",
            order_by=["attributes.start_time DESC"],
        )
        if not found or not runs:
            raise SystemExit(f"no launch of {name} in MLflow; `harness sync {name}` logs it")
        self.name, self.experiment = name, found.experiment_id
        self.runs = f"#/experiments/{self.experiment}/runs"
        self.parent = f"{self.runs}/{runs[0].info.run_id}"

    def artifact(self, name: str) -> str:
        """Address of an artifact of the parent run."""
        return f"{self.parent}/artifacts/{name}"

    def view(self, key: str, drawn: bool) -> str:
        """Address of a saved view: its charts, or the list."""
        return view_address(self.experiment, key, drawn)


def listed(page: Page) -> None:
    """Wait for the list of runs."""
    page.get_by_text("matching runs").wait_for()
    page.get_by_role("columnheader", name="Run Name").first.wait_for()


def drawn(page: Page) -> None:
    """Wait for the charts of a saved view, whose frontiers come last."""
    page.locator("text.xtitle", has_text="Step").first.wait_for(state="attached")


def framed(page: Page) -> None:
    """Wait for the picture inside an artifact."""
    page.frame_locator("iframe").locator("svg.main-svg").first.wait_for()


def charted(page: Page) -> None:
    """Wait for the frontiers of a report."""
    page.locator("#frontier-chart .scatterlayer .trace").first.wait_for()


def described(page: Page) -> None:
    """Open the whole description of a run."""
    page.get_by_text("Show more").first.click()


def registered(page: Page) -> None:
    """Wait for the versions of a registered model."""
    page.get_by_text("Version 1", exact=True).wait_for()


def shoot(page: Page, address: str, ready: Callable[[Page], None], name: str) -> None:
    """Open an address and save what is seen, in a small palette."""
    page.goto("about:blank")  # a change behind the # alone does not reload the page
    page.goto(address, wait_until="load")
    ready(page)
    page.wait_for_timeout(2500)  # charts settle
    page.evaluate(HIDE)
    seen = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    path = DOCS / f"{name}.png"
    seen.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    sys.stdout.write(f"{path.name}: {path.stat().st_size / 1000:.0f} kB\n")


def main() -> None:
    """Make all screenshots."""
    project = Project(Path())
    client = MlflowClient(project.tracking_uri)
    small, large = (Study(client, name) for name in ("quickstart", "indian_pines"))
    report = (project.results / large.name / "report.html").resolve().as_uri()
    shots = [
        (f"{report}#frontiers", charted, "report"),
        (f"{report}#budgets", charted, "report-budgets"),
        (f"{report}#attainment", charted, "report-attainment"),
        (f"{report}#map", charted, "report-map"),
        (small.view(TRIALS, drawn=False), listed, "tour-runs"),
        (small.view(TRIALS, drawn=True), drawn, "tour-trials"),
        (small.view(REGIMES, drawn=True), drawn, "tour-regimes"),
        (small.parent, described, "tour-parent"),
        (small.artifact("report.html"), framed, "tour-report"),
        (f"#/models/{small.name}", registered, "tour-model"),
        (large.view(TRIALS, drawn=False), listed, "mlflow-runs"),
        (large.artifact("pareto.html"), framed, "mlflow-pareto"),
    ]
    with harness_ui(project.root) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS])
        context = browser.new_context(viewport=SIZE)
        page = context.new_page()
        page.set_default_timeout(MINUTE)
        root = address()
        for where, ready, name in shots:
            shoot(page, where if where.startswith("file:") else f"{root}/{where}", ready, name)
        browser.close()


if __name__ == "__main__":
    main()
