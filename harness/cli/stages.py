"""`harness stages`."""

import typer

from harness.cli import locate


def stages() -> None:
    """Write dvc.vars.yaml: the data sets and studies that dvc.yaml has stages for.

    It holds the data set of every split of params.yaml and every study of studies/.

    Example:

        harness stages
    """
    from harness.core.files import write_text
    from harness.study.stages import stage_lists

    project = locate.current_project()
    text = stage_lists(project.splits, project.studies.glob("*.yaml"))
    write_text(project.stage_lists, text)
    typer.echo(f"written: {project.stage_lists}")
