"""Plug-ins named in a line of text, with parameters: `patience`, `risk_control:{delta: 0.05}`."""

from collections.abc import Iterator, Mapping

from harness.core.errors import InputError
from harness.core.yaml_file import parse_yaml

_CLOSING = {"{": "}", "[": "]", '"': '"', "'": "'"}


def split_choices(text: str, where: str) -> tuple[str, ...]:
    """The plug-ins of a list that is separated by commas; those inside of brackets separate none.

    Parameters
    ----------
    where
        The option that holds the list, for messages.

    Raises
    ------
    InputError
        A name is empty, or a bracket or quote is not closed.

    Examples
    --------
    >>> split_choices("entropy, risk_control:{delta: 0.1, epsilons: [0.01, 0.02]}", "--policies")
    ('entropy', 'risk_control:{delta: 0.1, epsilons: [0.01, 0.02]}')
    """
    found = tuple(part.strip() for part in _parts(text, where))
    if not all(found):
        raise InputError(f"{where} {text}: a name is empty; write NAME,NAME or NAME:{{KEY: VALUE}}")
    return found


def read_choice(text: str, where: str) -> tuple[str, Mapping[str, object]]:
    """A plug-in's name, and the parameters after a colon as a YAML mapping; unchecked.

    Parameters
    ----------
    where
        What is chosen, for messages.

    Raises
    ------
    InputError
        What follows the name is no mapping.

    Examples
    --------
    >>> read_choice("risk_control:{epsilons: [0.02]}", "selection")
    ('risk_control', {'epsilons': [0.02]})
    """
    name, colon, rest = (part.strip() for part in text.partition(":"))
    if not colon:
        return name, {}
    parameters = parse_yaml(rest, f"{where} {text}")
    if not isinstance(parameters, dict):
        raise InputError(
            f"{where} {text}: parameters are written {name}:{{KEY: VALUE}}, found {rest!r}"
        )
    return name, parameters


def _parts(text: str, where: str) -> Iterator[str]:
    begin, awaited = 0, ""
    for index, sign in enumerate(text):
        if awaited and sign == awaited[-1]:
            awaited = awaited[:-1]
        elif sign in _CLOSING and awaited[-1:] not in {'"', "'"}:
            awaited += _CLOSING[sign]
        elif sign == "," and not awaited:
            yield text[begin:index]
            begin = index + 1
    if awaited:
        raise InputError(f"{where} {text}: {awaited[-1]} is missing at its end")
    yield text[begin:]
