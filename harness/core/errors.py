"""Errors that a user may meet, each with a message fit to be shown as it is."""


class HarnessError(Exception):
    """Base of all errors that harness raises on purpose."""


class InputError(HarnessError):
    """The user's input is wrong: the message names where, what was found and what is allowed."""


class DataError(InputError):
    """A data file is missing, corrupt or not what its digest says."""


class TrialError(HarnessError):
    """A trial cannot give a result (its loss is not finite, say); the study goes on without it."""
