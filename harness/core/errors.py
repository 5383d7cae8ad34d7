"""Exceptions with messages for the user, shown as they are."""


class HarnessError(Exception):
    """Base of all errors that harness raises on purpose."""


class InputError(HarnessError):
    """Invalid user input: the message names file or field, what was found and what is allowed."""


class DataError(InputError):
    """A data file is missing, corrupt or has an unexpected digest."""


class NoSplitError(DataError):
    """A spec gives no split of its data set with its seed: another seed may give one."""


class TrialError(HarnessError):
    """A trial failed by itself (its loss is not finite, say): it would fail again.

    The study records the failure and goes on. A plug-in may raise it where a configuration is at
    fault; any other exception is taken for a fault of the machine, the data or the code.
    """
