"""MLflow's UI, as `harness ui` serves it, shows a study to a user who has nothing else."""

import re
import time

import pytest
from mlflow.tracking import MlflowClient

from tests.browser.conftest import REGIMES, STUDY
from tests.browser.serving import harness_ui
from tests.command import run_command

# Since nobody has to sign in there is no user to show; and a notice that every browser gives.
HARMLESS = ("status of 404", "ResizeObserver loop")


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """File with the address that `harness ui` opens in the user's browser."""
    return tmp_path_factory.mktemp("browser") / "opened"


@pytest.fixture(scope="module")
def ui(project, opened):
    """Address of the UI, experiment and parent run of the study, with its registered model."""
    command = opened.with_name("browser")
    command.write_text(f'#!/bin/sh\necho "$1" > {opened}.part; mv {opened}.part {opened}\n')
    command.chmod(0o755)
    with harness_ui(project.root, command) as address:
        run_command(project.root, "register", STUDY)
        client = MlflowClient(project.tracking_uri)
        experiment = client.get_experiment_by_name(STUDY).experiment_id
        (parent,) = client.search_runs([experiment], "tags.`harness.kind` = 'launch'")
        yield address(), experiment, parent


@pytest.fixture(autouse=True)
def sound(faults, outside):
    """No page complains, and none asks for anything beyond this machine."""
    yield
    assert [fault for fault in faults if not any(known in fault for known in HARMLESS)] == []
    assert outside == []


def test_the_address_that_is_opened_lists_the_trials_in_their_saved_view(ui, opened, page):
    deadline = time.monotonic() + 30
    while not opened.exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    target = opened.read_text().strip()
    assert target.startswith(ui[0])
    page.goto(target)
    page.get_by_text("10 matching runs").wait_for()
    page.get_by_role("link", name="joint #1 seed 0", exact=True).wait_for()
    for column in ("accuracy", "relative_cost", "hypervolume", "regime"):
        page.get_by_role("columnheader", name=column, exact=True).first.wait_for()
    assert_of_model_training(page)


def test_an_address_without_a_mode_is_of_model_training_unless_its_user_chose_otherwise(ui, page):
    address, experiment, parent = ui
    run = f"{address}/#/experiments/{experiment}/runs/{parent.info.run_id}"
    page.goto(run)
    page.get_by_text("Show more").wait_for()
    assert_of_model_training(page)
    page.get_by_text("GenAI", exact=True).click()
    page.get_by_text("Observability").wait_for()
    page.goto("about:blank")
    page.goto(run)
    page.get_by_text("Observability").wait_for()


def assert_of_model_training(page):
    """Neither what generative AI needs is in the way, nor the chat window."""
    page.wait_for_timeout(500)
    for text in ("Observability", "Ask questions about your"):
        assert page.get_by_text(text).count() == 0


def test_a_trial_is_described_in_a_line(ui, page):
    address, experiment, parent = ui
    page.goto(f"{address}/#/experiments/{experiment}/runs/{parent.info.run_id}")
    page.get_by_role("link", name="joint #1 seed 0", exact=True).first.click()
    page.get_by_text(re.compile(r"joint \(learning_rate .*, preset .*\), seed 0: valid")).wait_for()


def test_runs_are_listed_by_name_and_drawn_in_the_saved_view(ui, page):
    address, experiment, parent = ui
    page.goto(f"{address}/#/experiments/{experiment}/runs?workflowType=machine_learning")
    page.get_by_role("link", name=parent.info.run_name[:12]).first.wait_for()
    page.get_by_text("Views").first.click()
    page.get_by_text("Trials: accuracy against cost").click()
    page.get_by_text("10 matching runs").wait_for()
    for name in ("joint #1 seed 0", "single_exit #2 seed 0 static exit 1"):
        page.get_by_role("link", name=name, exact=True).wait_for()
    for column in ("hypervolume", "relative_cost"):
        page.get_by_role("columnheader", name=column, exact=True).first.wait_for()
    page.goto(f"{page.url}&compareRunsMode=CHART")
    page.get_by_text("Accuracy against cost", exact=True).wait_for()
    page.locator("svg .scatterlayer .trace").first.wait_for(state="attached")


def test_the_parent_is_described_with_a_table(ui, page):
    address, experiment, parent = ui
    page.goto(f"{address}/#/experiments/{experiment}/runs/{parent.info.run_id}")
    page.get_by_text("Show more").click()
    table = page.locator("table", has_text="best accuracy")
    table.wait_for()
    for regime in REGIMES:
        assert table.get_by_text(regime, exact=True).is_visible()
    assert page.get_by_text("data digest").first.is_visible()
    assert page.get_by_text("digits (").first.is_visible()  # the data set
    target = page.get_by_role("link", name="pareto.html").get_attribute("href")
    assert target == f"#/experiments/{experiment}/runs/{parent.info.run_id}/artifacts/pareto.html"


@pytest.mark.parametrize("name", ["pareto.html", "report.html"])
def test_pages_are_drawn_among_the_artifacts(ui, page, name):
    address, experiment, parent = ui
    run = f"{address}/#/experiments/{experiment}/runs/{parent.info.run_id}"
    page.goto(f"{run}/artifacts")
    page.get_by_text(name, exact=True).click()
    frame = page.frame_locator("iframe")
    frame.locator("svg.main-svg").first.wait_for()
    assert frame.locator(".scatterlayer .trace").count() == len(REGIMES)


def test_the_registered_model_shows_its_aliases(ui, page):
    address, _, _ = ui
    page.goto(f"{address}/#/models/{STUDY}")
    page.get_by_text("data digest").first.wait_for()
    for alias in ("best-accuracy", "knee", "cheapest-95"):
        page.get_by_text(alias, exact=True).last.wait_for()
