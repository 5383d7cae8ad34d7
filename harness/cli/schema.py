"""`harness schema`."""

from harness.cli import printing


def schema() -> None:
    """Print the JSON Schema of study files, with which editors complete and check them.

    It knows the plug-ins of harness, of the project and of `--plugins`.

    Example:

        harness schema > studies/study.schema.json
    """
    from harness.study.study_schema import study_schema

    printing.print_json(study_schema())
