"""What a user says of an imported study: by options, or in `import.yaml` beside the outputs."""

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import pydantic

from harness.core.errors import InputError
from harness.core.faults import explain
from harness.core.settings import Name, Section
from harness.core.study_spec import Seed
from harness.core.yaml_file import read_yaml

FILE = "import.yaml"
Fresh: TypeAlias = Literal["all"] | Annotated[tuple[Seed, ...], pydantic.Field(strict=False)]
_Names: TypeAlias = Annotated[
    tuple[Annotated[str, pydantic.Field(min_length=1, max_length=200)], ...],
    pydantic.Field(strict=False),
]
_Counts: TypeAlias = Annotated[
    tuple[Annotated[int, pydantic.Field(ge=0)], ...], pydantic.Field(strict=False)
]


class Description(Section):
    """What is known of imported networks beside their outputs; None where nothing is said.

    Attributes
    ----------
    train_counts
        [K]: the majority class of the training part is what a score of nothing is counted from
        (docs/methods.md, "Reference point"); without it that of validation stands for it.
    """

    description: str | None = pydantic.Field(None, max_length=2000)
    data: Name | None = pydantic.Field(None, description="name of the data set")
    baseline: Name | None = pydantic.Field(
        None, description="regime that the others are compared with"
    )
    classes: _Names | None = pydantic.Field(None, description="names of the classes")
    fresh: Fresh | None = pydantic.Field(
        None, description="seeds on which nothing was chosen, or all"
    )
    train_counts: _Counts | None = pydantic.Field(
        None, description="samples of each class in the training part"
    )

    def over(self, other: "Description") -> "Description":
        """The description, and what the other one says where it says nothing."""
        said = self.model_dump(exclude_none=True)
        return Description.model_validate({**other.model_dump(exclude_none=True), **said})


def read_description(folder: Path) -> Description:
    """What `import.yaml` in a folder says; nothing where there is none.

    Raises
    ------
    InputError
        It is no YAML, or a field is unknown or has a value that is not allowed.
    """
    path = folder / FILE
    if not path.exists():
        return Description()
    return description_of(read_yaml(path), str(path))


def description_of(content: object, where: str) -> Description:
    """The description that plain data hold.

    Parameters
    ----------
    where
        What holds them, for messages.

    Raises
    ------
    InputError
        They are no mapping, or a field is unknown or has a value that is not allowed.
    """
    if not isinstance(content, dict):
        raise InputError(f"{where}: a mapping is wanted, found {type(content).__name__}")
    try:
        return Description.model_validate(content)
    except pydantic.ValidationError as error:
        raise InputError(explain(error, where, content)) from None
