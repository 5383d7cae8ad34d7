"""`harness stages`."""

import typer

from harness.cli import locate


def stages() -> None:
    """Write dvc.vars.yaml: the data sets and studies that DVC's stages are repeated for.

    These are the data sets of the splits in params.yaml, and the studies in studies/.

    Example:

        harness stages
    """
    from harness.core.files import write_text
    from harness.study.stages import stage_lists

    project = locate.current_project()
    text = stage_lists(project.splits, project.studies.glob("*.yaml"))
    write_text(project.stage_lists, text)
    typer.echo(f"written: {project.stage_lists}")
