"""A real browser: Chromium without a window, that keeps to this machine."""

import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

from tests.command import run_command
from tests.conftest import make_project

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
STUDY = "quickstart-smoke"
REGIMES = {
    "branch_wise": "{}",
    "joint": "{preset: {values: [uniform, linear_ramp]}}",
    "single_exit": "{}",
}
LOCAL = ("http://127.0.0.1:", "file:", "data:", "blob:", "about:")


def chromium():
    """Path of the browser; the test fails where there is none: no skip hides an untested page."""
    named = os.environ.get("HARNESS_CHROMIUM") or "chromium"
    found = shutil.which(named)
    if found is None:
        pytest.fail(
            f"{named}: no such browser; `apt-get install chromium`, or name one by HARNESS_CHROMIUM"
        )
    return found


# Of the package, not of the session: while it runs, no other test may start an event loop.
@pytest.fixture(scope="package")
def browser():
    """Chromium, started once for all tests of this folder."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS])
        yield started
        started.close()


@pytest.fixture
def faults():
    """What `page` complained of: errors of its console, and those that no script caught."""
    return []


@pytest.fixture
def outside():
    """Addresses beyond this machine that `page` asked for."""
    return []


@pytest.fixture
def page(browser, faults, outside):
    """An empty page of a browser without memory; it waits a minute at most for anything."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda message: message.type == "error" and faults.append(message.text))
    opened.on("request", lambda asked: asked.url.startswith(LOCAL) or outside.append(asked.url))
    yield opened
    context.close()


@pytest.fixture(scope="package")
def project(tmp_path_factory):
    """A project in which a small study was launched and went through all stages."""
    project = make_project(tmp_path_factory.mktemp("browser") / "project")
    regimes = f"regimes={{{', '.join(map(': '.join, REGIMES.items()))}}}"
    launch = ("launch", "studies/quickstart.yaml", "--smoke", "--set", regimes)
    for command in (launch, ("frontier", STUDY), ("report", STUDY)):
        run_command(project.root, *command)
    return project
