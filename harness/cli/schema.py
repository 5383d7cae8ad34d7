"""`harness schema`."""

from harness.cli import options


def schema() -> None:
    """Print the JSON Schema of study files, for editors that complete and check them.

    Example:

        harness schema > studies/study.schema.json
    """
    from harness.study.spec import StudySpec  # noqa: PLC0415

    options.print_json(StudySpec.model_json_schema())
