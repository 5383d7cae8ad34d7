"""`harness remove`."""

from typing import TYPE_CHECKING

import typer

from harness.cli import asking, locate, options
from harness.results.sizes import size_in_words

if TYPE_CHECKING:
    from harness.study.removal import Removal


def remove(
    study: options.StudyName, yes: options.Yes = False, storage: options.Storage = None
) -> None:
    """Delete a study: all of results/STUDY. Says what it deletes and what stays, and asks.

    The study file, the prepared data and MLflow's runs stay. With --storage, what the database
    holds of the study is deleted too. A study that a launch holds is refused.

    Examples
    --------
        harness remove quickstart-smoke

        harness remove quickstart-smoke --yes
    """
    from harness.study.removal import plan_removal, remove_study

    folder = locate.study_folder(study)
    plan = plan_removal(folder)
    lines = [f"{folder}: {plan.trials} trials, {size_in_words(plan.size)}, will be deleted"]
    if storage:
        lines.append("what the database of --storage holds of it will be deleted, too")
    asking.confirm([*lines, *_stays(folder.name, plan, storage)], f"Delete {folder}?", yes)
    remove_study(folder, storage)
    typer.echo(f"{folder.name}: deleted, {size_in_words(plan.size)} freed")


def _stays(name: str, plan: "Removal", storage: str | None) -> list[str]:
    stays = [f"  in MLflow, experiment {name} with its runs (delete it there, see `harness ui`)"]
    stays = stays if plan.logged else []
    if plan.elsewhere and not storage:
        stays.append("  its proposals, if they are kept in a database: --storage URL deletes them")
    stays += [f"  {page}, which shows it beside others" for page in plan.pages]
    return ["what stays:", *stays] if stays else []
