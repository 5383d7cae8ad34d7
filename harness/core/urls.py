"""URLs as they may be shown: without user, password or token."""

import re

from harness.core.errors import HarnessError

_USER = re.compile(r"(?<=://)(?:[^/:\s]+(?::\S*)?|:\S*)@")
"""What stands before the `@` of a URL; a password may hold any character but white space."""
_SECRET = re.compile(
    r"([?&;][^=&;\s]*(?:password|passwd|pwd|token|secret|key)[^=&;\s]*=)[^&;\s'\"]+", re.IGNORECASE
)
"""Parameters of a URL that hold a secret, as some database drivers take them."""
_HIDDEN = "***"


def without_secrets(text: str) -> str:
    """The text with the user, password and token of every URL in it replaced by `***`.

    Anything that may name an address passes through here before it is printed, logged or written:
    messages of MLflow, of its database driver and of its HTTP client repeat the address in full.

    Examples
    --------
    >>> without_secrets("no answer from https://me:pa@ss/word@mlflow.example:5000/x?page=2")
    'no answer from https://***@mlflow.example:5000/x?page=2'
    >>> without_secrets("postgresql://db.example/mlflow?user=me&password=word")
    'postgresql://db.example/mlflow?user=me&password=***'
    >>> without_secrets("sqlite:////home/me@work/results/mlflow.db")
    'sqlite:////home/me@work/results/mlflow.db'
    """
    return _SECRET.sub(rf"\1{_HIDDEN}", _USER.sub(f"{_HIDDEN}@", text))


def shown_error(error: BaseException) -> str:
    """An error without secrets: one of ours as it is, of a foreign one kind and first line."""
    if isinstance(error, HarnessError):
        return without_secrets(str(error))
    first = (str(error).splitlines() or [""])[0]
    return without_secrets(f"{type(error).__name__}: {first}")
