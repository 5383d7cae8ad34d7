"""Exceptions with messages for the user, shown as they are."""


class HarnessError(Exception):
    """Base of all errors that harness raises on purpose."""


class InputError(HarnessError):
    """Invalid user input: the message names file or field, what was found and what is allowed."""


class DataError(InputError):
    """A data file is missing, corrupt or has an unexpected digest."""


class TrialError(HarnessError):
    """A trial failed (its loss is not finite, say); the study continues without it."""
