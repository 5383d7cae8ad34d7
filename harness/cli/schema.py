"""`harness schema`."""

from harness.cli import printing


def schema() -> None:
    """Print the JSON Schema of study files, with which editors complete and check them.

    Example:

        harness schema > studies/study.schema.json
    """
    from harness.core.study_spec import StudySpec

    printing.print_json(StudySpec.model_json_schema())
